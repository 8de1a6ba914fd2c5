/* import_texts.c - texts in a bucket, several on their way at a time: each by itself would be a
 * second's worth of waiting for twenty or thirty of them. */
#include "import_texts.h"

#include "bucket.h"
#include "plumbline/exchange/manifest.h"

#include <stdlib.h>
#include <string.h>

struct wanted {
    int          item;
    int64_t      file_line;
    const char  *uri;
    char         blob[BLOB_NAME_SIZE];
    struct error error;
};

struct import_texts {
    struct service *service;
    struct crew    *crew;
    struct wanted   v[PIECE_ERRORS];
    int             n;
    bool            read_some; /* in this run */
    bool            again;
};

struct import_texts *import_texts_new(struct service *s, struct crew *crew, bool again)
{
    struct import_texts *t = must_alloc(sizeof *t);

    t->service = s;
    t->crew = crew;
    t->again = again;
    return t;
}

void import_texts_free(struct import_texts *t)
{
    free(t);
}

void import_texts_add(struct import_texts *t, int i, int64_t file_line, const char *uri)
{
    t->v[t->n++] = (struct wanted){.item = i, .file_line = file_line, .uri = uri};
}

int import_texts_count(const struct import_texts *t)
{
    return t->n;
}

static void read_one(void *context, int i)
{
    struct import_texts *t = context;
    struct wanted *w = &t->v[i];
    void *bytes;
    size_t size;

    bucket_patience(t->again);
    if (!s3_read(t->service->s3, w->uri, MANIFEST_TEXT_MAX + 3, &bytes, &size, NULL, &w->error)) {
        if (w->error.status == 413)
            error_set(&w->error, 422, "line.text_too_long", "", "%.250s has more than %d bytes, "
                      "which is the most a text may have.", w->uri, MANIFEST_TEXT_MAX);
        return;
    }
    if (manifest_text_check(w->uri, bytes, &size, MANIFEST_TEXT_MAX, &w->error))
        blob_put(t->service->blobs, bytes, size, w->blob, &w->error);
    free(bytes);
}

/* It is not about this line alone. */
static bool must_wait(const struct import_texts *t, const struct error *e)
{
    return e->status >= 500 || strcmp(e->code, "s3.config") == 0 || (e->status == 403 && !t->read_some);
}

static const char *code_of(const struct error *e)
{
    return strncmp(e->code, "line.", 5) == 0 ? e->code : "line.file";
}

bool import_texts_read(struct import_texts *t, struct import_piece *piece, import_fault *fault,
                       void *context, struct error *err)
{
    int n = t->n;

    crew_run(t->crew, read_one, t, n);
    t->n = 0;
    for (int i = 0; i < n; i++)
        t->read_some = t->read_some || t->v[i].error.status == 0;
    for (int i = 0; i < n; i++) {
        const struct wanted *w = &t->v[i];
        struct item_in *in = &piece->item[w->item];

        if (w->error.status == 0) {
            in->payload.media = arena_strdup(&piece->texts, w->blob);
        } else if (must_wait(t, &w->error)) {
            *err = w->error;
            if (err->status == 403)
                err->status = 503; /* rather the bucket's fault than the line's */
            return false;
        } else {
            fault(context, w->item, w->file_line, code_of(&w->error), w->error.message);
        }
    }
    return true;
}
