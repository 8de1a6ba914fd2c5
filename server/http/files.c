/* files.c - a file as a reply: ranges, validators, caching, a name for the download.
 *
 * RFC 9110: 13.1.2 If-None-Match, 13.1.5 If-Range, 14.2 Range. One range or the whole file; several
 * ranges at once are answered with the whole, which the standard allows and players accept.
 */
#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Up to this a file is sent from memory: twice the throughput of sendfile in a poll pool. */
enum { FROM_MEMORY_MAX = 1 << 20 };

/* Digits to a number; -1 when there are none. Too large a number becomes INT64_MAX. */
static int64_t read_position(const char **p)
{
    int64_t v = isdigit((unsigned char)**p) ? 0 : -1;

    for (; isdigit((unsigned char)**p); (*p)++)
        v = v > (INT64_MAX - 9) / 10 ? INT64_MAX / 10 : v * 10 + (**p - '0');
    return v;
}

enum range_kind range_parse(const char *text, int64_t size, int64_t *first, int64_t *count)
{
    int64_t from, to;

    if (!text || strncmp(text, "bytes=", 6) != 0)
        return RANGE_NONE;
    text += 6;
    from = read_position(&text);
    if (*text++ != '-')
        return RANGE_NONE;
    to = read_position(&text);
    if (*text || (from < 0 && to < 0) || (from >= 0 && to >= 0 && to < from))
        return RANGE_NONE;
    if (from < 0) { /* the last `to` bytes */
        from = to < size ? size - to : 0;
        to = to > 0 ? size - 1 : -1;
    } else if (to < 0 || to >= size) {
        to = size - 1;
    }
    if (from >= size || to < from)
        return RANGE_UNSATISFIABLE;
    *first = from;
    *count = to - from + 1;
    return RANGE_PART;
}

bool etag_listed(const char *list, const char *etag)
{
    size_t size = strlen(etag);

    while (list && *list) {
        list += strspn(list, " \t,");
        if (*list == '*')
            return true;
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        if (*list == '"' && strncmp(list + 1, etag, size) == 0 && list[1 + size] == '"')
            return true;
        if (*list == '"')
            list += 1 + strcspn(list + 1, "\"");
        list += strcspn(list, ",");
    }
    return false;
}

/* RFC 6266 and 8187: a plain name for old clients and the true one, percent-encoded. */
static const char *disposition(struct arena *a, const char *name)
{
    struct buf text;
    char *out;

    buf_init(&text, 8192);
    buf_puts(&text, "attachment; filename=\"");
    for (const char *p = name; *p; p++)
        buf_printf(&text, "%c", isalnum((unsigned char)*p) || strchr("-_. ", *p) ? *p : '_');
    buf_puts(&text, "\"; filename*=UTF-8''");
    for (const char *p = name; *p; p++)
        buf_printf(&text, isalnum((unsigned char)*p) || strchr("-_.", *p) ? "%c" : "%%%02X",
                   (unsigned char)*p);
    out = arena_strdup(a, text.data);
    buf_release(&text);
    return out;
}

static void add_file_headers(struct http_request *rq, const char *etag, const char *download_name,
                             bool immutable)
{
    if (etag)
        http_add_header(rq, "ETag", arena_printf(&rq->arena, "\"%s\"", etag));
    http_add_header(rq, "Accept-Ranges", "bytes");
    http_add_header(rq, "Cache-Control", immutable ? "private, max-age=31536000, immutable"
                                                   : "private, no-cache");
    /* Somebody else's file opened as a page must not act in our name. */
    http_add_header(rq, "Content-Security-Policy", "default-src 'none'; sandbox");
    if (download_name)
        http_add_header(rq, "Content-Disposition", disposition(&rq->arena, download_name));
}

static struct MHD_Response *from_memory(int fd, int64_t first, int64_t count)
{
    char *bytes = must_alloc((size_t)count);
    int64_t done = 0;

    while (done < count) {
        ssize_t n = pread(fd, bytes + done, (size_t)(count - done), (off_t)(first + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            free(bytes);
            close(fd);
            return NULL;
        }
        done += n;
    }
    close(fd);
    return MHD_create_response_from_buffer((size_t)count, bytes, MHD_RESPMEM_MUST_FREE);
}

static enum range_kind wanted_range(const struct call *c, const char *etag, int64_t size,
                                    int64_t *first, int64_t *count)
{
    const char *condition = http_header(&c->rq, "If-Range");

    *first = 0;
    *count = size;
    if (c->head)
        return RANGE_NONE;
    if (condition && (!etag || *condition != '"' || !etag_listed(condition, etag)))
        return RANGE_NONE; /* a date, a weak tag, or another version: the whole file */
    return range_parse(http_header(&c->rq, "Range"), size, first, count);
}

static bool reply_unsatisfiable(struct http_request *rq, int64_t size)
{
    struct error e = {0};

    http_add_header(rq, "Content-Range",
                    arena_printf(&rq->arena, "bytes */%lld", (long long)size));
    error_set(&e, 416, "range.unsatisfiable", "Range", "The file has only %lld bytes.",
              (long long)size);
    reply_error(call_of(rq), &e);
    return true;
}

bool http_reply_file(struct http_request *rq, int fd, const char *type, const char *etag,
                     const char *download_name, bool immutable)
{
    struct call *c = call_of(rq);
    struct MHD_Response *response;
    int64_t first, count;
    enum range_kind range;
    struct error e = {0};
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        error_internal(&e, "the file behind %s cannot be sent", rq->path);
        reply_error(c, &e);
        return true;
    }
    if (etag && etag_listed(http_header(rq, "If-None-Match"), etag)) {
        close(fd);
        add_file_headers(rq, etag, NULL, immutable);
        return http_reply_empty(rq, 304);
    }
    range = wanted_range(c, etag, st.st_size, &first, &count);
    if (range == RANGE_UNSATISFIABLE) {
        close(fd);
        return reply_unsatisfiable(rq, st.st_size);
    }
    if (count <= FROM_MEMORY_MAX)
        response = from_memory(fd, first, count);
    else
        response = MHD_create_response_from_fd_at_offset64((uint64_t)count, fd, (uint64_t)first);
    if (!response) {
        error_internal(&e, "the file behind %s cannot be read", rq->path);
        reply_error(c, &e);
        return true;
    }
    add_file_headers(rq, etag, download_name, immutable);
    if (range == RANGE_PART)
        http_add_header(rq, "Content-Range",
                        arena_printf(&rq->arena, "bytes %lld-%lld/%lld", (long long)first,
                                     (long long)(first + count - 1), (long long)st.st_size));
    c->bytes = count;
    return reply_response(c, range == RANGE_PART ? 206 : 200, type, response);
}
