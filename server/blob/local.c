/* local.c - content-addressed files. */
#include "plumbline/blob/local.h"

#include "plumbline/base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct blob_store {
    char root[PATH_MAX - 256];
};

struct blob_store *blob_store_open(const char *dir, struct error *err)
{
    struct blob_store *s = must_alloc(sizeof *s);

    if ((size_t)snprintf(s->root, sizeof s->root, "%s/blobs", dir) >= sizeof s->root) {
        error_internal(err, "The path of the data folder is too long.");
        goto fail;
    }
    if (mkdir(s->root, 0700) != 0 && errno != EEXIST) {
        error_system(err, "The folder %s cannot be made", s->root);
        goto fail;
    }
    return s;
fail:
    free(s);
    return NULL;
}

void blob_store_free(struct blob_store *s)
{
    free(s);
}

void blob_digest(const void *bytes, size_t size, char out[BLOB_NAME_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, bytes, size);
    sodium_bin2hex(out, BLOB_NAME_SIZE, hash, sizeof hash);
}

/* Names come from the database, but a wrong one must still not climb out. */
static bool name_is_good(const char *name)
{
    return name && strlen(name) == BLOB_NAME_SIZE - 1 &&
           strspn(name, "0123456789abcdef") == BLOB_NAME_SIZE - 1;
}

static bool path_of(struct blob_store *s, const char *name, const char *variant,
                    char out[PATH_MAX], struct error *err)
{
    if (!name_is_good(name))
        return error_not_found(err, "blob", "There are no such bytes.");
    snprintf(out, PATH_MAX, "%s/%.2s/%s%s%s", s->root, name, name, variant ? "." : "",
             variant ? variant : "");
    return true;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

static bool store_failed(struct error *err)
{
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
        return error_set(err, 507, "storage.full", "",
                         "The disk is full. Nothing was stored; free some space and try again.");
    return error_system(err, "A file cannot be stored in the data folder");
}

/* Written under another name first: a reader never sees half of it. */
static bool write_file(struct blob_store *s, const char *name, const char *path, const void *bytes,
                       size_t size, struct error *err)
{
    char folder[PATH_MAX], temporary[PATH_MAX];
    bool ok = false;
    int fd;

    snprintf(folder, sizeof folder, "%s/%.2s", s->root, name);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return store_failed(err);
    snprintf(temporary, sizeof temporary, "%s/.new-XXXXXX", folder);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return store_failed(err);
    if (write_all(fd, bytes, size) && fdatasync(fd) == 0 && rename(temporary, path) == 0)
        ok = true;
    else
        store_failed(err);
    close(fd);
    if (!ok)
        unlink(temporary);
    return ok;
}

bool blob_put(struct blob_store *s, const void *bytes, size_t size, char name[BLOB_NAME_SIZE],
              struct error *err)
{
    char path[PATH_MAX];
    struct stat st;

    blob_digest(bytes, size, name);
    if (!path_of(s, name, NULL, path, err))
        return false;
    if (stat(path, &st) == 0 && st.st_size == (off_t)size)
        return true;
    return write_file(s, name, path, bytes, size, err);
}

bool blob_put_variant(struct blob_store *s, const char *name, const char *variant,
                      const void *bytes, size_t size, struct error *err)
{
    char path[PATH_MAX];

    return path_of(s, name, variant, path, err) && write_file(s, name, path, bytes, size, err);
}

bool blob_open(struct blob_store *s, const char *name, const char *variant, int *fd,
               int64_t *size, struct error *err)
{
    char path[PATH_MAX];
    struct stat st;

    if (!path_of(s, name, variant, path, err))
        return false;
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st) != 0) {
        if (*fd >= 0)
            close(*fd);
        return error_not_found(err, "blob", "The stored file %.12s… is missing.", name);
    }
    *size = st.st_size;
    return true;
}

bool blob_slurp(int fd, size_t limit, void **bytes, size_t *size, struct error *err)
{
    struct stat st;
    size_t used = 0;
    char *p;

    if (fstat(fd, &st) != 0)
        return error_system(err, "A file cannot be read");
    if (st.st_size < 0 || (uint64_t)st.st_size > limit)
        return error_set(err, 413, "body.too_large", "", "The file has %lld bytes; at most %zu "
                         "are allowed.", (long long)st.st_size, limit);
    p = must_alloc((size_t)st.st_size + 1);
    while (used < (size_t)st.st_size) {
        ssize_t n = pread(fd, p + used, (size_t)st.st_size - used, (off_t)used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    *bytes = p;
    *size = used;
    return true;
}

bool blob_read(struct blob_store *s, const char *name, size_t limit, void **bytes, size_t *size,
               struct error *err)
{
    int64_t there;
    bool ok;
    int fd;

    if (!blob_open(s, name, NULL, &fd, &there, err))
        return false;
    ok = blob_slurp(fd, limit, bytes, size, err);
    close(fd);
    return ok;
}
