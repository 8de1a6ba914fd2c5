/* source.c - zlib between a file and the reader. Several gzip members in a row are one stream, as
 * `cat a.gz b.gz` makes them. */
#include "source.h"

#include "plumbline/base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED_SIZE = 64 << 10, GZIP_WINDOW = 15 + 16 };

struct source {
    int           fd;
    const char   *name;
    bool          packed, begun, ended; /* begun: inside a gzip member; ended: all is read */
    z_stream      z;
    int64_t       taken; /* bytes of the file */
    unsigned char in[PACKED_SIZE];
};

/* Up to a full buffer, so that the first look sees enough of a slow pipe. */
static bool fill(struct source *s, size_t least, struct error *err)
{
    if (s->z.avail_in > 0)
        memmove(s->in, s->z.next_in, s->z.avail_in);
    s->z.next_in = s->in;
    while (!s->ended && s->z.avail_in < least) {
        ssize_t n = read(s->fd, s->in + s->z.avail_in, sizeof s->in - s->z.avail_in);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(err, "Reading %s failed", s->name);
        s->ended = n == 0;
        s->z.avail_in += (uInt)n;
    }
    return true;
}

struct source *source_open(int fd, const char *name, struct error *err)
{
    struct source *s = must_alloc(sizeof *s);

    s->fd = fd;
    s->name = name ? name : "the manifest";
    if (!fill(s, 2, err)) {
        free(s);
        return NULL;
    }
    s->packed = s->z.avail_in >= 2 && s->in[0] == 0x1f && s->in[1] == 0x8b;
    if (s->packed && inflateInit2(&s->z, GZIP_WINDOW) != Z_OK) {
        error_internal(err, "zlib refused to start.");
        free(s);
        return NULL;
    }
    s->begun = s->packed;
    return s;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    if (s->packed)
        inflateEnd(&s->z);
    free(s);
}

int64_t source_packed(const struct source *s)
{
    return s->packed ? s->taken : -1;
}

static long read_plain(struct source *s, void *bytes, size_t size, struct error *err)
{
    size_t n = s->z.avail_in < size ? s->z.avail_in : size;
    ssize_t got;

    if (n > 0) { /* what the first look took */
        memcpy(bytes, s->z.next_in, n);
        s->z.next_in += n;
        s->z.avail_in -= (uInt)n;
        return (long)n;
    }
    do
        got = read(s->fd, bytes, size);
    while (got < 0 && errno == EINTR);
    return got >= 0 || error_system(err, "Reading %s failed", s->name) ? got : -1;
}

static long broken(struct source *s, const char *why, struct error *err)
{
    error_set(err, 422, "source.invalid", "", "%.200s is not whole: its gzip data %s.", s->name,
              why);
    return -1;
}

long source_read(struct source *s, void *bytes, size_t size, struct error *err)
{
    if (!s->packed)
        return read_plain(s, bytes, size, err);
    s->z.next_out = bytes;
    s->z.avail_out = (uInt)size;
    while (s->z.avail_out == size) {
        uInt before;
        int rc;

        if (s->z.avail_in == 0 && !fill(s, 1, err))
            return -1;
        if (s->z.avail_in == 0)
            return s->begun ? broken(s, "ends too early", err) : 0;
        before = s->z.avail_in;
        rc = inflate(&s->z, Z_NO_FLUSH);
        s->taken += before - s->z.avail_in;
        if (rc != Z_OK && rc != Z_STREAM_END)
            return broken(s, s->z.msg ? s->z.msg : "is damaged", err);
        s->begun = rc != Z_STREAM_END;
        if (!s->begun)
            inflateReset(&s->z); /* the next member, or the end */
    }
    return (long)(size - s->z.avail_out);
}
