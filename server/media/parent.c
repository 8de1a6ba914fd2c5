/* parent.c - the other end of child.c: requests out, replies in, none of them believed. */
#include "frames.h"
#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

static bool gone(struct error *err, const char *what)
{
    return error_set(err, 502, "media.child_gone", "", "the picture decoder %s", what);
}

void media_request_header(unsigned char header[MEDIA_REQUEST_HEADER], uint64_t id, size_t size,
                          int64_t max_pixels)
{
    memset(header, 0, MEDIA_REQUEST_HEADER);
    frame_put_32(header, FRAME_REQUEST);
    frame_put_64(header + 8, id);
    frame_put_64(header + 16, size);
    frame_put_64(header + 24, max_pixels > 0 ? (uint64_t)max_pixels : 0);
}

bool media_request_write(int fd, uint64_t id, const void *bytes, size_t size, int64_t max_pixels,
                         struct error *err)
{
    unsigned char header[MEDIA_REQUEST_HEADER];

    media_request_header(header, id, size, max_pixels);
    if (!media_frame_write(fd, header, sizeof header) || !media_frame_write(fd, bytes, size))
        return gone(err, "took no more input; the picture may have crashed it");
    return true;
}

static bool read_info(const unsigned char *p, struct image_info *info)
{
    int values[8];
    bool turned;

    for (int i = 0; i < 8; i++) {
        uint32_t value = frame_get_32(p + 4 * i);

        if (value < 1 || value > INT32_MAX)
            return false;
        values[i] = (int)value;
    }
    *info = (struct image_info){
        .format = (enum image_format)values[0],
        .stored_width = values[1],
        .stored_height = values[2],
        .width = values[3],
        .height = values[4],
        .orientation = values[5],
        .channels = values[6],
        .bit_depth = values[7],
    };
    turned = info->orientation >= 5;
    return values[0] <= IMAGE_PNG && info->orientation <= 8 && info->channels <= 4 &&
           info->bit_depth <= 16 &&
           info->width == (turned ? info->stored_height : info->stored_width) &&
           info->height == (turned ? info->stored_width : info->stored_height);
}

static bool read_error(const unsigned char *p, size_t size, struct error *out)
{
    const char *code = (const char *)p + 4, *message, *end = (const char *)p + size;
    uint32_t status;

    if (size < 6 || end[-1] != '\0')
        return false;
    status = frame_get_32(p);
    message = code + strlen(code) + 1;
    if (message >= end || status < 400 || status > 599)
        return false;
    error_set(out, (int)status, code, "", "%s", message);
    return true;
}

/* The payload of a reply whose header is sound. */
static bool read_payload(const unsigned char *p, size_t size, struct media_reply *out,
                         struct error *err)
{
    bool sound;

    if (!out->ok)
        sound = read_error(p, size, &out->error);
    else
        sound = size > FRAME_INFO_SIZE && read_info(p, &out->info) &&
                buf_add(&out->thumbnail, p + FRAME_INFO_SIZE, size - FRAME_INFO_SIZE);
    if (sound)
        return true;
    media_reply_release(out);
    return gone(err, "gave an answer that makes no sense");
}

/* Clears *out, reads the header into it and *length. */
static bool read_header(const unsigned char *p, struct media_reply *out, size_t *length,
                        struct error *err)
{
    uint32_t ok = frame_get_32(p + 4);

    memset(out, 0, sizeof *out);
    buf_init(&out->thumbnail, MEDIA_REPLY_MAX);
    *length = frame_get_32(p + 16);
    if (frame_get_32(p) != FRAME_REPLY || ok > 1 || *length > MEDIA_REPLY_MAX)
        return gone(err, "gave an answer that makes no sense");
    out->ok = ok;
    out->id = frame_get_64(p + 8);
    return true;
}

bool media_reply_decode(const void *bytes, size_t size, struct media_reply *out, struct error *err)
{
    const unsigned char *p = bytes;
    size_t length;

    memset(out, 0, sizeof *out);
    if (size < MEDIA_REPLY_HEADER)
        return gone(err, "stopped in the middle of an answer");
    if (!read_header(p, out, &length, err))
        return false;
    if (size - MEDIA_REPLY_HEADER != length)
        return gone(err, "stopped in the middle of an answer");
    return read_payload(p + MEDIA_REPLY_HEADER, length, out, err);
}

bool media_reply_read(int fd, struct media_reply *out, struct error *err)
{
    unsigned char header[MEDIA_REPLY_HEADER], *payload;
    size_t length;
    bool ok;

    memset(out, 0, sizeof *out);
    if (media_frame_read(fd, header, sizeof header) != sizeof header)
        return gone(err, "ended; the picture may have crashed it");
    if (!read_header(header, out, &length, err))
        return false;
    payload = must_alloc(length);
    ok = media_frame_read(fd, payload, length) == length
             ? read_payload(payload, length, out, err)
             : gone(err, "stopped in the middle of an answer");
    free(payload);
    return ok;
}

void media_reply_release(struct media_reply *reply)
{
    buf_release(&reply->thumbnail);
}
