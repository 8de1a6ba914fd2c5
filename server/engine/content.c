/* content.c - from an item's payload to what people and the learner see of it. */
#include "plumbline/engine/content.h"

#include "plumbline/engine/items.h"
#include "plumbline/engine/remote.h"
#include "plumbline/exchange/manifest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool content_text(struct service *s, const struct payload *p, struct arena *a, const char **text,
                  size_t *size, struct error *err)
{
    json_t *line;
    const char *name = NULL;
    void *bytes;
    bool ok = true;

    *text = "";
    *size = 0;
    if (p->media) {
        if (!blob_read(s->blobs, p->media, MANIFEST_TEXT_MAX, &bytes, size, err))
            return false;
        *text = arena_strndup(a, bytes, *size);
        free(bytes);
        return true;
    }
    line = json_loads(p->line, 0, NULL); /* a failed item's line may be anything */
    if (json_is_object(line)) {
        static const char *const names[] = {"source", "text"};

        for (size_t i = 0; i < 2 && !name; i++) {
            json_t *value = json_object_get(line, names[i]);

            name = json_string_value(value);
            if (name) {
                *size = json_string_length(value);
                *text = arena_strndup(a, name, *size);
            }
        }
    }
    json_decref(line);
    return ok;
}

static bool remote_bytes(struct service *s, const char *uri, void **bytes, size_t *size,
                         struct error *err)
{
    int64_t there;
    bool ok;
    int fd;

    if (!remote_open(s, uri, &fd, &there, err))
        return false;
    ok = blob_slurp(fd, IMAGE_FILE_MAX, bytes, size, err);
    close(fd);
    return ok;
}

bool content_may_come(struct service *s, const struct payload *p, const struct error *err)
{
    return p->remote && remote_fault_of(s, p->remote, err) == REMOTE_WAIT;
}

bool content_bytes(struct service *s, enum task_media media, const struct payload *p,
                   void **bytes, size_t *size, struct error *err)
{
    struct arena a;
    const char *text;
    bool ok;

    *bytes = NULL;
    *size = 0;
    if (media == TASK_IMAGE && p->remote && !p->media)
        return remote_bytes(s, p->remote, bytes, size, err);
    if (media == TASK_IMAGE)
        return !p->media || blob_read(s->blobs, p->media, IMAGE_FILE_MAX, bytes, size, err);
    arena_init(&a);
    ok = content_text(s, p, &a, &text, size, err);
    if (ok) {
        *bytes = must_alloc(*size + 1);
        memcpy(*bytes, text, *size);
    }
    arena_release(&a);
    return ok;
}
