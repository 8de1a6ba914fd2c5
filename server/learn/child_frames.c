/* child_frames.c - reading and writing frames whole, and errors across the pipe. */
#include "child_frames.h"

#include "plumbline/base/arena.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct frame {
    uint32_t type, zero;
    uint64_t size;
};

static bool write_all(int fd, const void *bytes, size_t size, struct error *err)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t n = write(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, 500, "learn.child_gone", "",
                             "The other end of the learning process closed its pipe.");
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, void *bytes, size_t size, struct error *err)
{
    char *at = bytes;

    while (size > 0) {
        ssize_t n = read(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_set(err, 500, "learn.child_gone", "",
                             "The learning process ended before it had answered.");
        at += n;
        size -= (size_t)n;
    }
    return true;
}

bool frame_write(int fd, enum frame_type type, const void *a, size_t a_size, const void *b,
                 size_t b_size, struct error *err)
{
    struct frame f = {.type = type, .size = (uint64_t)a_size + b_size};

    return write_all(fd, &f, sizeof f, err) && write_all(fd, a, a_size, err) &&
           write_all(fd, b, b_size, err);
}

bool frame_read(int fd, uint32_t *type, struct buf *payload, struct error *err)
{
    char piece[64 * 1024];
    struct frame f;

    if (!read_all(fd, &f, sizeof f, err))
        return false;
    if (f.zero != 0 || f.type < FRAME_OPEN || f.type > FRAME_ERROR || f.size > payload->max)
        return error_set(err, 500, "learn.protocol", "",
                         "The learning process and its parent do not understand each other.");
    buf_clear(payload);
    for (uint64_t left = f.size; left > 0;) { /* grows with what arrives, not with what is said */
        size_t n = left < sizeof piece ? (size_t)left : sizeof piece;

        if (!read_all(fd, piece, n, err))
            return false;
        buf_add(payload, piece, n);
        left -= n;
    }
    *type = f.type;
    return true;
}

bool frame_write_error(int fd, const struct error *what)
{
    struct error ignored = {0};

    return frame_write(fd, FRAME_ERROR, what, sizeof *what, NULL, 0, &ignored);
}

void frame_read_error(const struct buf *payload, struct error *err)
{
    struct error said;

    if (payload->size != sizeof said) {
        error_internal(err, "The learning process failed without saying why.");
        return;
    }
    memcpy(&said, payload->data, sizeof said);
    said.code[sizeof said.code - 1] = said.field[sizeof said.field - 1] = '\0';
    said.message[sizeof said.message - 1] = '\0';
    if (err)
        *err = said;
}

bool frame_expect(int fd, enum frame_type wanted, struct buf *payload, struct error *err)
{
    uint32_t type;

    if (!frame_read(fd, &type, payload, err))
        return false;
    if (type == FRAME_ERROR) {
        frame_read_error(payload, err);
        return false;
    }
    return type == (uint32_t)wanted ||
           error_set(err, 500, "learn.protocol", "",
                     "The learning process answered something else than it was asked.");
}

struct cursor cursor_of(const struct buf *payload)
{
    const char *begin = payload->data ? payload->data : "";

    return (struct cursor){.at = begin, .end = begin + payload->size};
}

const void *cursor_skip(struct cursor *c, size_t size)
{
    const void *here = c->at;

    if ((size_t)(c->end - c->at) < size)
        return NULL;
    c->at += size;
    return here;
}

bool cursor_take(struct cursor *c, void *to, size_t size)
{
    const void *from = cursor_skip(c, size);

    if (from && size > 0)
        memcpy(to, from, size);
    return from != NULL;
}
