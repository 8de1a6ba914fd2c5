/* child.c - the loop of the process that decodes pictures. */
#include "frames.h"
#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 65536 };

static void add_info(struct buf *b, const struct image_info *info)
{
    const int values[] = {(int)info->format, info->stored_width, info->stored_height,
                          info->width,       info->height,       info->orientation,
                          info->channels,    info->bit_depth};
    unsigned char number[4];

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        frame_put_32(number, (uint32_t)values[i]);
        buf_add(b, number, sizeof number);
    }
}

static void add_error(struct buf *b, const struct error *err)
{
    unsigned char status[4];

    frame_put_32(status, (uint32_t)err->status);
    buf_add(b, status, sizeof status);
    buf_add(b, err->code, strlen(err->code) + 1);
    buf_add(b, err->message, strlen(err->message) + 1);
}

/* What there is to say about the picture goes to *payload. */
static bool examine(const void *bytes, size_t size, int64_t max_pixels, struct buf *payload,
                    struct error *err)
{
    struct image_info info;
    struct image small = {0};
    bool ok;

    if (!image_probe_within(bytes, size, max_pixels, &info, err))
        return false;
    if (!image_decode_within(bytes, size, IMAGE_THUMBNAIL_SIDE, max_pixels, &small, err))
        return false;
    add_info(payload, &info);
    ok = image_write_jpeg(&small, IMAGE_JPEG_QUALITY, payload, err);
    image_release(&small);
    return ok;
}

static bool reply(int fd, uint64_t id, bool ok, const struct buf *payload)
{
    unsigned char header[MEDIA_REPLY_HEADER] = {0};

    frame_put_32(header, FRAME_REPLY);
    frame_put_32(header + 4, ok);
    frame_put_64(header + 8, id);
    frame_put_32(header + 16, (uint32_t)payload->size);
    return media_frame_write(fd, header, sizeof header) && media_frame_write(fd, payload->data, payload->size);
}

static bool skip(int fd, uint64_t count)
{
    char piece[PIECE];

    while (count > 0) {
        size_t want = count < sizeof piece ? (size_t)count : sizeof piece;

        if (media_frame_read(fd, piece, want) != want)
            return false;
        count -= want;
    }
    return true;
}

/* Answers the request whose header was read; false when a pipe is at its end. */
static bool answer(int in_fd, int out_fd, const unsigned char *header)
{
    uint64_t id = frame_get_64(header + 8), length = frame_get_64(header + 16);
    int64_t max_pixels = (int64_t)frame_get_64(header + 24);
    unsigned char *bytes = NULL;
    struct error err = {0};
    struct buf payload;
    bool good = false, ok = false;

    buf_init(&payload, MEDIA_REPLY_MAX);
    if (length > MEDIA_REQUEST_MAX) {
        error_set(&err, 422, "image.too_large", "",
                  "the file has %.1f MB, over the limit of %.1f MB", (double)length / 1e6,
                  (double)MEDIA_REQUEST_MAX / 1e6);
        if (!skip(in_fd, length))
            goto out;
    } else {
        bytes = must_alloc((size_t)length);
        if (media_frame_read(in_fd, bytes, (size_t)length) != length)
            goto out;
        good = examine(bytes, (size_t)length, max_pixels, &payload, &err);
    }
    if (!good) {
        buf_clear(&payload);
        add_error(&payload, &err);
    }
    ok = reply(out_fd, id, good, &payload);
out:
    free(bytes);
    buf_release(&payload);
    return ok;
}

int media_child_probe(int in_fd, int out_fd)
{
    unsigned char header[MEDIA_REQUEST_HEADER];
    size_t got;

    while ((got = media_frame_read(in_fd, header, sizeof header)) == sizeof header)
        if (frame_get_32(header) != FRAME_REQUEST || !answer(in_fd, out_fd, header))
            return 1;
    return got != 0;
}
