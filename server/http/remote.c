/* remote.c - where a request comes from, also behind a proxy on this computer. */
#include "internal.h"

#include <string.h>
#include <strings.h>

struct lines {
    struct arena *arena;
    const char   *text;
};

/* Some proxies add to the line that came, some add a line: both are read as one list. */
static void take_line(void *context, const char *name, const char *value)
{
    struct lines *l = context;

    if (strcasecmp(name, "X-Forwarded-For") == 0)
        l->text = l->text ? arena_printf(l->arena, "%s, %s", l->text, value) : value;
}

const char *remote_forwarded(struct call *c)
{
    struct lines l = {.arena = &c->rq.arena};

    if (c->peer && c->peer->known && ip_is_loopback(&c->peer->address))
        http_each_header(&c->rq, take_line, &l);
    return l.text;
}

bool http_remote(struct http_request *rq, struct ip_address *out)
{
    struct call *c = call_of(rq);

    return c->peer && c->peer->known &&
           ip_behind_proxy(&c->peer->address, remote_forwarded(c), out);
}
