/* spool.c - streams in pieces in one unnamed temporary file. */
#include "spool.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TAIL_SIZE = 16 << 10, COPY_SIZE = 64 << 10 };

void spool_init(struct spool *s)
{
    *s = (struct spool){.fd = -1};
}

void spool_release(struct spool *s)
{
    if (s->fd >= 0)
        close(s->fd);
    spool_init(s);
}

void stream_release(struct stream *t)
{
    buf_release(&t->tail);
    free(t->pieces);
    *t = (struct stream){0};
}

static bool spool_open(struct spool *s, struct error *err)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];

    snprintf(path, sizeof path, "%s/plumbline-export-XXXXXX", folder && *folder ? folder : "/tmp");
    s->fd = mkostemp(path, O_CLOEXEC);
    if (s->fd < 0)
        return disk_error(err, "A temporary file in %.200s cannot be made",
                          folder && *folder ? folder : "/tmp");
    unlink(path);
    return true;
}

/* Appends a piece of the stream to the file; a piece that follows the one before is joined to
 * it. */
static bool add_piece(struct spool *s, struct stream *t, const char *p, size_t size,
                      struct error *err)
{
    int64_t at = s->size;

    if (s->fd < 0 && !spool_open(s, err))
        return false;
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(s->fd, p + done, size - done, s->size);

        if (n < 0 && errno != EINTR)
            return disk_error(err, "A temporary file cannot be written");
        done += n > 0 ? (size_t)n : 0;
        s->size += n > 0 ? n : 0;
    }
    if (t->n > 0 && t->pieces[t->n - 1].at + (int64_t)t->pieces[t->n - 1].size == at) {
        t->pieces[t->n - 1].size += size;
        return true;
    }
    if (t->n == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : 16;
        t->pieces = must_realloc(t->pieces, t->capacity, sizeof *t->pieces);
    }
    t->pieces[t->n++] = (struct piece){at, size};
    return true;
}

bool stream_put(struct spool *s, struct stream *t, const void *bytes, size_t size,
                struct error *err)
{
    t->tail.max = TAIL_SIZE;
    t->size += (int64_t)size;
    if (t->tail.size + size > TAIL_SIZE) {
        if (t->tail.size > 0 && !add_piece(s, t, t->tail.data, t->tail.size, err))
            return false;
        buf_clear(&t->tail);
    }
    if (size > TAIL_SIZE)
        return add_piece(s, t, bytes, size, err);
    return buf_add(&t->tail, bytes, size) || error_internal(err, "A spooled piece did not fit.");
}

bool stream_read(struct spool *s, const struct stream *t,
                 bool (*write)(void *ctx, const void *bytes, size_t size, struct error *err),
                 void *ctx, struct error *err)
{
    char *bytes = must_alloc(COPY_SIZE);
    bool ok = true;

    for (size_t i = 0; ok && i < t->n; i++) {
        for (size_t done = 0; ok && done < t->pieces[i].size;) {
            size_t left = t->pieces[i].size - done;
            ssize_t n = pread(s->fd, bytes, left < COPY_SIZE ? left : COPY_SIZE,
                              t->pieces[i].at + (int64_t)done);

            if (n == 0 || (n < 0 && errno != EINTR))
                ok = error_system(err, "Reading a temporary file failed");
            else if (n > 0)
                ok = write(ctx, bytes, (size_t)n, err);
            done += n > 0 ? (size_t)n : 0;
        }
    }
    if (ok && t->tail.size > 0)
        ok = write(ctx, t->tail.data, t->tail.size, err);
    free(bytes);
    return ok;
}
