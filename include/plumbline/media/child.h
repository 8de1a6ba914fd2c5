/* child.h - decoding pictures in a process of its own.
 *
 * A decoder fed with strangers' bytes is the likeliest thing to crash. So it runs in a child
 * (`/proc/self/exe __child media`), fed through one pipe and answering through another; the child
 * knows no database and no file. When it dies, the parent fails the picture it was at and starts
 * another child.
 *
 * The protocol: the parent sends requests, the child answers each in turn. Numbers are little-endian.
 *
 *   request   u32 magic "PLMQ"   u32 0   u64 id   u64 length   u64 max_pixels (0: the default)
 *             then `length` bytes of the picture
 *   reply     u32 magic "PLMA"   u32 ok (1) or not (0)   u64 id   u32 length   u32 0
 *             then `length` bytes:
 *     ok      8 times i32: format, stored width, stored height, width, height, orientation,
 *             channels, bit depth (image.h); the rest is an upright JPEG, longer side at most
 *             IMAGE_THUMBNAIL_SIDE
 *     not ok  i32 status, the code, a NUL, the sentence, a NUL
 *
 * A request longer than MEDIA_REQUEST_MAX is read past and answered image.too_large. Both ends write
 * and read blockingly, so the parent waits for the reply to one request before it sends the next.
 */
#ifndef PLUMBLINE_MEDIA_CHILD_H
#define PLUMBLINE_MEDIA_CHILD_H

#include "plumbline/media/image.h"

enum {
    MEDIA_REQUEST_HEADER = 32,
    MEDIA_REPLY_HEADER = 24,
    MEDIA_REQUEST_MAX = 512 << 20, /* bytes of one picture                   */
    MEDIA_REPLY_MAX = 1 << 20,     /* bytes after the header, ample for both */
};

struct media_reply {
    uint64_t          id;
    bool              ok;
    struct image_info info;      /* ok                                      */
    struct buf        thumbnail; /* ok: a JPEG, owned; media_reply_release() */
    struct error      error;     /* not ok                                  */
};

/* The child's whole life: answers requests until the end of input. Returns the exit status: 0 at an
 * end between two requests, 1 when input ends within one, is out of step, or output fails. */
int media_child_probe(int in_fd, int out_fd);

/* The parent's side. Writing to a child that has died raises SIGPIPE, which `serve` ignores; the
 * error is then 502 media.child_gone, as it is for a reply that ends early or makes no sense. */
bool media_request_write(int fd, uint64_t id, const void *bytes, size_t size, int64_t max_pixels,
                         struct error *err);
bool media_reply_read(int fd, struct media_reply *out, struct error *err);
void media_reply_release(struct media_reply *reply);

/* The same without a file descriptor, for a parent with buffers of its own: the header that goes
 * before the bytes, and a whole reply (header and what follows) read from memory. Nothing in the
 * reply is trusted: a picture may have taken the child over. */
void media_request_header(unsigned char header[MEDIA_REQUEST_HEADER], uint64_t id, size_t size,
                          int64_t max_pixels);
bool media_reply_decode(const void *bytes, size_t size, struct media_reply *out, struct error *err);

#endif
