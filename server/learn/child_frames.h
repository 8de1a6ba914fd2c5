/* child_frames.h - frames on a descriptor: the wire of child.h. Private to learn/. */
#ifndef LEARN_CHILD_FRAMES_H
#define LEARN_CHILD_FRAMES_H

#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_type {
    FRAME_OPEN = 1, FRAME_READY, FRAME_SAMPLE, FRAME_ITEM, FRAME_FLUSH, FRAME_RESULT,
    FRAME_FLUSHED, FRAME_END, FRAME_ROUND, FRAME_PROGRESS, FRAME_OUTCOME,
    FRAME_DICTIONARY, FRAME_ERROR,
};

/* Writes one frame whose payload is `a` followed by `b` (either may be empty). */
bool frame_write(int fd, enum frame_type type, const void *a, size_t a_size, const void *b,
                 size_t b_size, struct error *err);

/* Reads one frame; its payload replaces the content of *payload (NUL-terminated, bounded by the
 * buffer's max). learn.child_gone when the other side closed, learn.protocol on nonsense. */
bool frame_read(int fd, uint32_t *type, struct buf *payload, struct error *err);

/* The same, and an ERROR frame becomes its error, any type but `wanted` learn.protocol. */
bool frame_expect(int fd, enum frame_type wanted, struct buf *payload, struct error *err);

bool frame_write_error(int fd, const struct error *what);
void frame_read_error(const struct buf *payload, struct error *err);

/* Taking values from a payload in order. */
struct cursor {
    const char *at, *end;
};
struct cursor cursor_of(const struct buf *payload);
bool cursor_take(struct cursor *c, void *to, size_t size);
const void *cursor_skip(struct cursor *c, size_t size); /* NULL when there is not so much */

#endif
