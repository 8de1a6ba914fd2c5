/* router.c - which route a path means.
 *
 * The tables are compiled once into a tree of path parts. A fixed part wins over a {name}; where it
 * leads nowhere, {name} is tried, so /jobs/new and /jobs/{job}/items live together. A last part
 * {name*} takes all that is left of the path; such a rest never contains empty parts, "." or "..",
 * or a slash or backslash that was hidden in an escape, so it may be used below a folder.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct node {
    char         *part;     /* NULL for {name}   */
    bool          rest;     /* {name*}           */
    struct node  *next;     /* sibling           */
    struct node  *children; /* fixed parts       */
    struct node  *wild;     /* {name} or {name*} */
    struct entry *entry[METHODS];
    unsigned      methods;
};

struct router {
    struct node    root;
    struct entry **entries;
    size_t         count;
};

static void node_free(struct node *n)
{
    while (n) {
        struct node *next = n->next;

        node_free(n->children);
        node_free(n->wild);
        free(n->part);
        free(n);
        n = next;
    }
}

void router_free(struct router *r)
{
    if (!r)
        return;
    node_free(r->root.children);
    node_free(r->root.wild);
    for (size_t i = 0; i < r->count; i++)
        free(r->entries[i]);
    free(r->entries);
    free(r);
}

struct entry *router_entry(const struct router *r, size_t i)
{
    return i < r->count ? r->entries[i] : NULL;
}

static struct node *fixed_child(struct node *n, const char *part, size_t size)
{
    struct node *c = n->children;

    while (c && (strncmp(c->part, part, size) != 0 || c->part[size]))
        c = c->next;
    if (c)
        return c;
    c = must_alloc(sizeof *c);
    c->part = must_alloc(size + 1);
    memcpy(c->part, part, size);
    c->next = n->children;
    return n->children = c;
}

/* The child of `n` for one part of a route's path; NULL when the part cannot be. */
static struct node *grow(struct node *n, const char *part, size_t size, bool last)
{
    bool rest;

    if (part[0] != '{')
        return fixed_child(n, part, size);
    rest = size > 2 && part[size - 2] == '*';
    if (part[size - 1] != '}' || n->rest || (rest && !last))
        return NULL;
    if (!n->wild) {
        n->wild = must_alloc(sizeof *n->wild);
        n->wild->rest = rest;
    }
    return n->wild->rest == rest ? n->wild : NULL;
}

static bool add(struct router *r, const struct route *route, struct error *err)
{
    const char *p = route->path;
    struct node *n = &r->root;
    struct entry *e;
    int params = 0, parts = 0;

    if (*p != '/' || !route->run)
        return error_internal(err, "route %s: no path or no handler", p);
    while (*p) { /* p is at a slash */
        size_t size = strcspn(p + 1, "/");

        params += p[1] == '{';
        n = size || parts == 0 ? grow(n, p + 1, size, !p[1 + size]) : NULL;
        if (!n || params > HTTP_PARAMS_MAX || ++parts > PATH_PARTS_MAX)
            return error_internal(err, "route %s: malformed path", route->path);
        p += 1 + size;
    }
    if (n->entry[route->method])
        return error_internal(err, "route %s is there twice", route->path);
    e = must_alloc(sizeof *e);
    e->route = route;
    n->entry[route->method] = e;
    n->methods |= 1u << route->method;
    r->entries = must_realloc(r->entries, r->count + 1, sizeof(struct entry *));
    r->entries[r->count++] = e;
    return true;
}

struct router *router_new(const struct route *const *const *lists, size_t count, struct error *err)
{
    struct router *r = must_alloc(sizeof *r);

    for (size_t i = 0; i < count; i++) {
        for (const struct route *const *table = lists[i]; table && *table; table++) {
            for (const struct route *route = *table; route->path; route++) {
                if (!add(r, route, err)) {
                    router_free(r);
                    return NULL;
                }
            }
        }
    }
    return r;
}

struct walk {
    char           *part[PATH_PARTS_MAX];
    int             parts;
    struct matched *out;
    unsigned        methods; /* of all nodes the path reaches */
    bool            climbs;  /* a rest that may not be used   */
};

static bool plain(const char *part)
{
    return *part && strcmp(part, ".") != 0 && strcmp(part, "..") != 0 && !strpbrk(part, "/\\");
}

/* Puts the parts from `at` together again, in the place where they were. */
static bool join_rest(struct walk *w, int at, int param)
{
    char *to = w->part[at];

    w->climbs = false;
    for (int i = at; i < w->parts; i++)
        w->climbs |= !plain(w->part[i]);
    if (w->climbs)
        return false;
    w->out->param[param] = to;
    for (int i = at; i < w->parts; i++) {
        size_t size = strlen(w->part[i]);

        memmove(to, w->part[i], size);
        to += size;
        *to++ = i + 1 < w->parts ? '/' : '\0';
    }
    return true;
}

static bool walk(const struct node *n, struct walk *w, int at, int param, enum http_method method)
{
    if (at == w->parts || n->rest) {
        w->methods |= n->methods;
        w->out->entry = n->entry[method];
        return w->out->entry && (!n->rest || join_rest(w, at - 1, param - 1));
    }
    for (const struct node *c = n->children; c; c = c->next)
        if (strcmp(c->part, w->part[at]) == 0 && walk(c, w, at + 1, param, method))
            return true;
    if (!n->wild || (!*w->part[at] && !n->wild->rest))
        return false;
    w->out->param[param] = w->part[at];
    return walk(n->wild, w, at + 1, param + 1, method);
}

enum match router_match(const struct router *r, char *path, enum http_method method,
                        struct matched *out)
{
    struct walk w = {.out = out};
    char *p = path;

    memset(out, 0, sizeof *out);
    if (*p != '/')
        return MATCH_NONE;
    while (p) {
        char *part = p + 1, *slash = strchr(part, '/');
        size_t size = slash ? (size_t)(slash - part) : strlen(part);

        if (w.parts == PATH_PARTS_MAX)
            return MATCH_NONE;
        if (!percent_decode(part, size, false))
            return MATCH_MALFORMED;
        w.part[w.parts++] = part;
        p = slash;
    }
    if (walk(&r->root, &w, 0, 0, method))
        return MATCH_ROUTE;
    out->entry = NULL;
    out->methods = w.methods;
    return w.climbs ? MATCH_MALFORMED : w.methods ? MATCH_METHOD : MATCH_NONE;
}
