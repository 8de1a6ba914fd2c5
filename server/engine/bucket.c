/* bucket.c - bytes and files into buckets. */
#include "bucket.h"

#include "plumbline/base/disk.h"
#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 << 10, ATTEMPTS = 2, STALL_SECONDS = 10 };

void bucket_patience(bool again)
{
    s3_patience(ATTEMPTS, again ? 0 : STALL_SECONDS);
}

const char *bucket_join(struct arena *a, const char *prefix, const char *path)
{
    size_t n = strlen(prefix);

    while (n > 0 && prefix[n - 1] == '/')
        n--;
    return arena_printf(a, "%.*s/%s", (int)n, prefix, path);
}

bool bucket_put(struct service *s, const char *uri, const void *bytes, size_t size,
                const char *type, struct error *err)
{
    struct s3_upload *u;
    bool ok;

    if (size <= S3_PART)
        return s3_put(s->s3, uri, bytes, size, type, NULL, err);
    u = s3_upload_new(s->s3, uri, type, err);
    ok = u && s3_upload_write(u, bytes, size, err) && s3_upload_finish(u, NULL, err);
    s3_upload_free(u);
    return ok;
}

static bool copy(struct service *s, int fd, struct s3_upload *u, struct error *err)
{
    char *piece = must_alloc(PIECE);
    bool ok = true;

    for (off_t at = 0; ok;) {
        ssize_t n = pread(fd, piece, PIECE, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            ok = n == 0 || disk_error(err, "What is to be sent cannot be read");
            break;
        }
        at += n;
        ok = !scheduler_stopping(s->scheduler) ||
             error_set(err, 503, "s3.stopped", "", "The service is stopping.");
        ok = ok && s3_upload_write(u, piece, (size_t)n, err);
    }
    free(piece);
    return ok;
}

bool bucket_put_fd(struct service *s, const char *uri, int fd, const char *type,
                   struct error *err)
{
    struct s3_upload *u = s3_upload_new(s->s3, uri, type, err);
    bool ok = u && copy(s, fd, u, err) && s3_upload_finish(u, NULL, err);

    s3_upload_free(u);
    return ok;
}

bool bucket_spool(struct service *s, int *fd, struct error *err)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/output-XXXXXX", s->cache_dir);
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0)
        return disk_error(err, "A temporary file in %.200s cannot be made", s->cache_dir);
    unlink(path);
    return true;
}
