/* prober.c - an image is looked at once, in a child process, and stored with its thumbnail. */
#include "plumbline/engine/child.h"
#include "plumbline/engine/items.h"
#include "plumbline/media/child.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MEDIA_MEMORY = INT64_C(2) << 30;

struct prober {
    struct service *service;
    struct child    child;
    bool            running;
    uint64_t        next;
};

struct prober *prober_new(struct service *s)
{
    struct prober *p = must_alloc(sizeof *p);

    p->service = s;
    return p;
}

void prober_free(struct prober *p)
{
    if (p && p->running)
        child_finish(&p->child, NULL);
    free(p);
}

/* False without *err: the child is gone. */
static bool ask_once(struct prober *p, const void *bytes, size_t size, struct media_reply *reply,
                     struct error *err)
{
    struct error gone = {0};

    if (!p->running) {
        if (!child_start(&p->child, "media", MEDIA_MEMORY, err))
            return false;
        p->running = true;
    }
    if (media_request_write(p->child.to, ++p->next, bytes, size, 0, &gone) &&
        media_reply_read(p->child.from, reply, &gone))
        return true;
    child_kill(&p->child);
    p->running = false;
    return false;
}

/* A child that was there before may have been ended by others meanwhile: only a fresh one that dies
 * has died over this picture. */
static bool ask(struct prober *p, const void *bytes, size_t size, struct media_reply *reply,
                struct error *err)
{
    bool fresh = !p->running;

    if (ask_once(p, bytes, size, reply, err))
        return true;
    if (!fresh && !err->status && ask_once(p, bytes, size, reply, err))
        return true;
    return err->status ? false
                       : error_set(err, 422, "image.broken", "", "The picture crashed the decoder.");
}

/* media/ speaks in phrases ("the PNG is broken: …"); people get sentences. */
static void take_error(const struct error *phrase, struct error *err)
{
    size_t n = strlen(phrase->message);

    error_set(err, phrase->status, phrase->code, phrase->field, "%c%s%s",
              toupper((unsigned char)phrase->message[0]), n ? phrase->message + 1 : "",
              n && phrase->message[n - 1] == '.' ? "" : ".");
}

bool prober_look(struct prober *p, const void *bytes, size_t size, struct media_reply *out,
                 struct error *err)
{
    if (!ask(p, bytes, size, out, err))
        return false;
    if (out->ok)
        return true;
    take_error(&out->error, err);
    media_reply_release(out);
    return false;
}

bool items_take_image(struct service *s, struct prober *p, const void *bytes, size_t size,
                      struct arena *a, struct payload *out, struct error *err)
{
    struct prober *own = p ? NULL : prober_new(s);
    struct media_reply reply;
    char name[BLOB_NAME_SIZE];
    bool ok = false;

    if (!prober_look(p ? p : own, bytes, size, &reply, err))
        goto out;
    if (blob_put(s->blobs, bytes, size, name, err) &&
        blob_put_variant(s->blobs, name, "160.jpg", reply.thumbnail.data, reply.thumbnail.size,
                         err)) {
        out->media = arena_strdup(a, name);
        out->width = reply.info.width;
        out->height = reply.info.height;
        out->orientation = reply.info.orientation;
        ok = true;
    }
    media_reply_release(&reply);
out:
    prober_free(own);
    return ok;
}
