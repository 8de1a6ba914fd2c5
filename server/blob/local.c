/* local.c - content-addressed files.
 *
 * A file is written in blobs/new, synced, renamed into its place, and its name synced: a row that is
 * committed afterwards never names a blob that a power cut takes away. What a kill leaves in
 * blobs/new is removed at the next start. */
#include "plumbline/blob/local.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/disk.h"

#include <dirent.h>
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

static bool make_folder(const char *path, struct error *err)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ||
           disk_error(err, "The folder %.200s cannot be made", path);
}

/* Half-written files of a process that was killed. Nobody else has the folder open: its lock. */
static bool make_new_folder(const struct blob_store *s, struct error *err)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof path, "%s/new", s->root);
    if (!make_folder(path, err))
        return false;
    dir = opendir(path);
    if (!dir)
        return disk_error(err, "The folder %.200s cannot be read", path);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    return true;
}

struct blob_store *blob_store_open(const char *dir, struct error *err)
{
    struct blob_store *s = must_alloc(sizeof *s);

    if ((size_t)snprintf(s->root, sizeof s->root, "%s/blobs", dir) >= sizeof s->root) {
        error_internal(err, "The path of the data folder is too long.");
        goto fail;
    }
    if (make_folder(s->root, err) && make_new_folder(s, err))
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

/* A new folder's own name is made durable at once: the first blob in it comes next. */
static bool make_place(const struct blob_store *s, const char *name)
{
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%s/%.2s", s->root, name);
    if (mkdir(folder, 0700) != 0)
        return errno == EEXIST;
    return disk_sync_folder_of(folder);
}

/* Written under another name first: a reader never sees half of it. */
static bool write_file(struct blob_store *s, const char *name, const char *path, const void *bytes,
                       size_t size, bool keep, struct error *err)
{
    char temporary[PATH_MAX];
    bool ok;
    int fd;

    snprintf(temporary, sizeof temporary, "%s/new/XXXXXX", s->root);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return disk_error(err, "The file cannot be stored");
    ok = (make_place(s, name) && disk_write(fd, bytes, size) && fdatasync(fd) == 0 &&
          rename(temporary, path) == 0 && (!keep || disk_sync_folder_of(path))) ||
         disk_error(err, "The file cannot be stored");
    close(fd); /* behind an fsync it has nothing left to say */
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
    return write_file(s, name, path, bytes, size, true, err);
}

bool blob_put_variant(struct blob_store *s, const char *name, const char *variant,
                      const void *bytes, size_t size, struct error *err)
{
    char path[PATH_MAX];

    return path_of(s, name, variant, path, err) && write_file(s, name, path, bytes, size, false, err);
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
