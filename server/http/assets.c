/* assets.c - the browser's side: static files, vendored modules, and the shell.
 *
 * Every file is served below /s/HASH/, where HASH names the content of all of them. An address
 * never changes its content, so browsers keep it for a year; modules import each other by relative
 * paths and so stay within one version. Only the shell, which names HASH, is asked for each time.
 * With a static folder given (for people who work on the UI) files come from disk, HASH is "dev"
 * and nothing is kept; the vendored modules are the built-in ones all the same.
 */
#include "internal.h"

#include "plumbline/base/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 16 << 20 };

static const char *const product_pages[] = {
    "/", "/login", "/join/{token}", "/tasks", "/label/{job}", "/label/{job}/{task}", "/jobs",
    "/jobs/new", "/jobs/new/{step}", "/jobs/{job}", "/jobs/{job}/items", "/jobs/{job}/items/{item}",
    "/jobs/{job}/export", "/jobs/{job}/settings", "/people", "/teams/{team}", "/keys", "/me",
    "/admin", "/help/keys", NULL,
};

static const char *version_of(const struct http_server *s)
{
    return s->static_dir ? "dev" : embedded_hash();
}

static bool not_found(struct error *err)
{
    return error_set(err, 404, "file.not_found", "", "There is no such file.");
}

/* Reads a file below the static folder; `path` never climbs (router.c). */
static bool read_from_disk(const struct http_server *s, const char *path, struct buf *out,
                           struct error *err)
{
    char name[4096], piece[16384];
    ssize_t n = 0;
    int fd;

    if ((size_t)snprintf(name, sizeof name, "%s/%s", s->static_dir, path) >= sizeof name)
        return not_found(err);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return not_found(err);
    buf_init(out, FILE_MAX);
    while ((n = read(fd, piece, sizeof piece)) > 0 && buf_add(out, piece, (size_t)n))
        ;
    close(fd);
    if (n == 0)
        return true;
    buf_release(out);
    return n < 0 && errno == EISDIR ? not_found(err)
                                    : error_internal(err, "cannot read static file %s", path);
}

/* ---- /s/HASH/… ---- */

static bool reply_from_disk(struct http_request *rq, const char *path, struct error *err)
{
    struct buf text;

    if (!read_from_disk(call_of(rq)->server, path, &text, err))
        return false;
    return http_reply_text(rq, 200, mime_type(path), &text);
}

/* "gzip" among the accepted encodings, and not with a weight of zero. */
static bool takes_gzip(const struct http_request *rq)
{
    const char *accepted = http_header(rq, "Accept-Encoding");
    const char *at = accepted ? strstr(accepted, "gzip") : NULL;
    const char *weight = at ? memmem(at, strcspn(at, ","), "q=", 2) : NULL;

    return at && (!weight || strtod(weight + 2, NULL) > 0);
}

static bool reply_embedded(struct http_request *rq, const struct embedded_file *f)
{
    bool squeezed = f->gz && takes_gzip(rq);
    const void *bytes = squeezed ? f->gz : f->bytes;

    http_add_header(rq, "Cache-Control", "public, max-age=31536000, immutable");
    if (f->gz)
        http_add_header(rq, "Vary", "Accept-Encoding");
    if (squeezed)
        http_add_header(rq, "Content-Encoding", "gzip");
    call_of(rq)->bytes = (int64_t)(squeezed ? f->gz_size : f->size);
    return reply_response(call_of(rq), 200, f->type,
                          MHD_create_response_from_buffer(squeezed ? f->gz_size : f->size,
                                                          (void *)(uintptr_t)bytes,
                                                          MHD_RESPMEM_PERSISTENT));
}

static bool get_file(struct http_request *rq, struct error *err)
{
    const struct http_server *s = call_of(rq)->server;
    const char *path = rq->param[1];
    const struct embedded_file *f;

    if (strcmp(rq->param[0], version_of(s)) != 0)
        return not_found(err);
    if (strncmp(path, "vendor/", 7) == 0)
        f = embedded_find("vendor", path + 7);
    else if (s->static_dir)
        return reply_from_disk(rq, path, err);
    else
        f = embedded_find("static", path);
    return f ? reply_embedded(rq, f) : not_found(err);
}

/* ---- the shell ---- */

/* Copies the shell with each "s/…" or "/s/…" in quotes made "/s/HASH/…". */
static void write_links(const char *text, size_t size, const char *version, struct buf *out)
{
    const char *end = text + size;

    for (const char *p = text; p < end; p++) {
        buf_add(out, p, 1);
        if ((*p == '"' || *p == '\'') && end - p > 3) {
            const char *link = p + 1 + (p[1] == '/');

            if (link[0] == 's' && link[1] == '/') {
                buf_printf(out, "/s/%s/", version);
                p = link + 1;
            }
        }
    }
}

bool asset_shell(struct http_request *rq, unsigned status, struct error *err)
{
    const struct http_server *s = call_of(rq)->server;
    const struct embedded_file *f = embedded_find("static", "index.html");
    struct buf disk = {0}, page;

    if (s->static_dir && !read_from_disk(s, "index.html", &disk, err))
        return false;
    if (!s->static_dir && !f)
        return not_found(err);
    buf_init(&page, 2 * FILE_MAX);
    if (s->static_dir)
        write_links(disk.data ? disk.data : "", disk.size, version_of(s), &page);
    else
        write_links((const char *)f->bytes, f->size, version_of(s), &page);
    buf_release(&disk);
    http_add_header(rq, "Cache-Control", "no-cache");
    return http_reply_text(rq, status, "text/html; charset=utf-8", &page);
}

static bool get_page(struct http_request *rq, struct error *err)
{
    return asset_shell(rq, 200, err);
}

const struct route asset_routes[] = {
    {.method = HTTP_GET, .path = "/s/{hash}/{path*}", .who = HTTP_PUBLIC, .run = get_file,
     .hidden = true},
    {.path = NULL},
};

struct route *asset_page_routes(const char *const *pages)
{
    struct route *routes;
    size_t n = 0;

    if (!pages)
        pages = product_pages;
    while (pages[n])
        n++;
    routes = must_alloc((n + 1) * sizeof *routes);
    for (size_t i = 0; i < n; i++)
        routes[i] = (struct route){.method = HTTP_GET, .path = pages[i], .who = HTTP_PUBLIC,
                                   .run = get_page, .hidden = true};
    return routes;
}
