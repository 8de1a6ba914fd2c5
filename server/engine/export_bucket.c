/* export_bucket.c - exports into buckets.
 *
 * The snapshot is a file of the data folder first, of one moment and with its digest, like any other
 * export; then its bytes are sent. The small files of a tree go over many connections at once. */
#include "export_bucket.h"

#include "bucket.h"
#include "plumbline/exchange/export.h"
#include "plumbline/exchange/tree.h"
#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

struct sender {
    struct service *service;
    struct s3_puts *puts;
    const char     *prefix;
    struct arena    arena; /* of one file */
    char           *bytes; /* of a small one, or a piece of a large one */
    size_t          room;
};

static const char *type_of(const char *path)
{
    size_t n = strlen(path);

    if (n > 5 && strcmp(path + n - 5, ".json") == 0)
        return "application/json";
    return n > 4 && strcmp(path + n - 4, ".bin") == 0 ? "application/octet-stream"
                                                      : "application/x-ndjson";
}

static bool read_all(struct tree_file *file, char *bytes, size_t size, struct error *err)
{
    for (size_t done = 0, n; done < size; done += n) {
        if (!tree_file_read(file, bytes + done, size - done, &n, err))
            return false;
        if (n == 0)
            return error_internal(err, "The archive of the tree ends early.");
    }
    return true;
}

static bool put_small(struct sender *t, const char *uri, struct tree_file *file, struct error *err)
{
    size_t size = (size_t)file->size;

    if (size > t->room) {
        t->room = size;
        t->bytes = must_realloc(t->bytes, size, 1);
    }
    return read_all(file, t->bytes, size, err) &&
           s3_puts_add(t->puts, uri, t->bytes, size, type_of(uri), err);
}

static bool put_large(struct sender *t, const char *uri, struct tree_file *file, struct error *err)
{
    struct s3_upload *u = s3_upload_new(t->service->s3, uri, type_of(uri), err);
    char *piece = must_alloc(PIECE);
    bool ok = u != NULL;
    size_t n = 1;

    while (ok && n > 0)
        ok = tree_file_read(file, piece, PIECE, &n, err) &&
             (n == 0 || s3_upload_write(u, piece, n, err));
    ok = ok && s3_upload_finish(u, NULL, err);
    s3_upload_free(u);
    free(piece);
    return ok;
}

static bool put_file(void *context, struct tree_file *file, struct error *err)
{
    struct sender *t = context;
    const char *uri;

    arena_release(&t->arena);
    if (scheduler_stopping(t->service->scheduler))
        return error_set(err, 503, "s3.stopped", "", "The service is stopping.");
    uri = bucket_join(&t->arena, t->prefix, file->path);
    if (strcmp(file->path, tree_manifest_path) == 0) /* where it is, all that it speaks of is */
        return s3_puts_wait(t->puts, err) && put_large(t, uri, file, err);
    return file->size <= S3_PART ? put_small(t, uri, file, err) : put_large(t, uri, file, err);
}

static bool put_tree(struct service *s, const char *path, const char *uri, struct error *err)
{
    struct sender t = {.service = s, .puts = s3_puts_new(s->s3, 0), .prefix = uri};
    bool ok;

    arena_init(&t.arena);
    ok = tree_read(path, put_file, &t, err) && s3_puts_wait(t.puts, err);
    s3_puts_free(t.puts);
    arena_release(&t.arena);
    free(t.bytes);
    return ok;
}

bool export_bucket_put(struct service *s, const char *path, int format, const char *uri,
                       struct error *err)
{
    bool ok;
    int fd;

    if (format == EXPORT_TREE)
        return put_tree(s, path, uri, err);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(err, "The export cannot be read");
    ok = bucket_put_fd(s, uri, fd, format == EXPORT_CSV ? "text/csv; charset=utf-8"
                                                        : "application/x-ndjson", err);
    close(fd);
    return ok;
}
