/* protocol.c - answers as AWS JSON 1.1 has them. An error's name stands in the body, where clients
 * look, and in a header, for those that look there first. */
#include "door.h"

#include "model.h"
#include "plumbline/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char content_type[] = "application/x-amz-json-1.1";

enum { MESSAGE_MAX = 16384 + 1024 };

/* Version 4: random. */
void aws_uuid(char out[AWS_ID_SIZE])
{
    unsigned char b[16] = {0};

    if (getrandom(b, sizeof b, 0) < 0) /* an id, no secret: still one, only not unique */
        memset(b, 0, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(out, AWS_ID_SIZE,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

/* ---- success ---- */

static bool reply_text(struct aws_call *c, const char *text)
{
    char id[AWS_ID_SIZE];

    aws_uuid(id);
    http_add_header(c->rq, "x-amzn-RequestId", id);
    return http_reply_bytes(c->rq, 200, content_type, text, strlen(text));
}

bool aws_reply(struct aws_call *c, json_t *take)
{
    /* 13 digits: a time in seconds with its milliseconds, without an exponent. */
    char *text = take ? json_dumps(take, JSON_COMPACT | JSON_REAL_PRECISION(13)) : must_strdup("");
    bool ok;

    json_decref(take);
    aws_tally_add(c, text ? AWS_DONE : AWS_FAILED);
    if (text && c->replay)
        aws_replay_keep(c, text);
    ok = reply_text(c, text ? text : "");
    free(text);
    return ok;
}

json_t *aws_time(int64_t us)
{
    return json_real((double)(us / 1000) / 1000.0);
}

/* ---- errors ---- */

bool aws_refuse(struct error *err, const char *code, const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return error_set(err, 400, code, "", "%s", message);
}

bool aws_invalid(struct error *err, const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return error_set(err, 400, "ValidationException", "", "%s", message);
}

/* The house's errors by AWS's names. A full disk is answered so that clients try again. */
static const struct {
    int from;
    const char *name;
    unsigned status;
} names[] = {{404, "ResourceNotFound", 400},
             {409, "ResourceInUse", 400},
             {413, "RequestEntityTooLargeException", 413},
             {422, "ValidationException", 400},
             {429, "ThrottlingException", 400},
             {503, "ServiceUnavailable", 503},
             {507, "ServiceUnavailable", 503}};

static const char *error_name(const struct error *e, unsigned *status)
{
    if (e->code[0] >= 'A' && e->code[0] <= 'Z')
        return e->code;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].from == e->status) {
            *status = names[i].status;
            return names[i].name;
        }
    }
    if (strcmp(e->code, "json.malformed") == 0)
        return "SerializationException";
    *status = e->status >= 500 ? 500 : 400;
    return e->status >= 500 ? "InternalFailure" : "ValidationException";
}

/* A sentence may quote what a client sent, cut in the middle of a character. */
static void put_text(struct buf *out, const char *text)
{
    char *copy = must_strdup(text);
    size_t size = strlen(copy), at = 0;

    while ((at += utf8_valid_prefix(copy + at, size - at)) < size)
        copy[at] = '?';
    buf_json_text(out, copy);
    free(copy);
}

void aws_write_error(struct http_request *rq, const struct error *e, unsigned *status,
                     const char **type, struct buf *out)
{
    struct aws_call *c = rq->user;
    const char *name = error_name(e, status), *message = e->message;
    char id[AWS_ID_SIZE];

    if (c && c->message)
        message = c->message;
    aws_uuid(id);
    http_add_header(rq, "x-amzn-RequestId", id);
    http_add_header(rq, "x-amzn-ErrorType", name);
    *type = content_type;
    out->max = MESSAGE_MAX * 6; /* as escapes */
    buf_puts(out, "{\"__type\":");
    buf_json_text(out, name);
    buf_puts(out, ",\"Message\":");
    put_text(out, message);
    buf_puts(out, "}");
    if (c)
        aws_tally_add(c, *status >= 500 ? AWS_FAILED : AWS_REFUSED);
}

/* ---- reading members ---- */

const char *aws_text(const json_t *in, const char *name)
{
    return json_string_value(json_object_get(in, name));
}

int64_t aws_int(const json_t *in, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(in, name);

    return json_is_number(value) ? (int64_t)json_number_value(value) : otherwise;
}

int64_t aws_time_in(const json_t *in, const char *name)
{
    const json_t *value = json_object_get(in, name);
    int64_t us;

    if (!value || !aws_timestamp_parse(value, &us))
        return 0;
    return us > 0 ? us : 1; /* before there was anything here */
}
