/* picture_cache.c - files by the hash of a URI, the longest unused removed when there are too
 * many.
 *
 * The folder itself is the index: a file's time of modification is when it was last used (written
 * at most once a minute), and only the sum of sizes is kept in memory. When it passes the limit
 * the folder is read once and a tenth of the limit is made free, so that this is rare. */
#include "picture_cache.h"

#include "folders.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/disk.h"
#include "plumbline/blob/local.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS = 256, TOUCH_SECONDS = 60 };

/* The cache leaves this to the database, which needs the disk more. */
static const int64_t RESERVE = INT64_C(256) << 20;

struct picture_cache {
    char           *folder;
    int64_t         limit, started;
    pthread_mutex_t lock;
    int64_t         bytes; /* under lock */
    bool            counted;
    pthread_mutex_t sweep; /* one at a time */
};

struct picture_cache *picture_cache_new(const char *folder, int64_t limit)
{
    struct picture_cache *c = must_alloc(sizeof *c);

    c->folder = must_strdup(folder);
    c->limit = limit;
    c->started = clock_now_us() / SECOND_US;
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->sweep, NULL);
    return c;
}

void picture_cache_free(struct picture_cache *c)
{
    if (!c)
        return;
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->sweep);
    free(c->folder);
    free(c);
}

static void path_of(const struct picture_cache *c, const char *uri, const char *variant,
                    char out[PATH_MAX])
{
    char name[BLOB_NAME_SIZE];

    blob_digest(uri, strlen(uri), name);
    snprintf(out, PATH_MAX, "%s/%.2s/%s%s%s", c->folder, name, name + 2, variant ? "." : "",
             variant ? variant : "");
}

bool picture_cache_open(struct picture_cache *c, const char *uri, const char *variant, int *fd,
                        int64_t *size)
{
    char path[PATH_MAX];
    struct stat st;

    path_of(c, uri, variant, path);
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0)
        return false;
    if (fstat(*fd, &st) != 0 || st.st_size == 0) {
        close(*fd);
        return false;
    }
    if (st.st_mtime + TOUCH_SECONDS < clock_now_us() / SECOND_US)
        futimens(*fd, NULL);
    *size = st.st_size;
    return true;
}

/* ---- making room ---- */

struct file {
    int64_t       used, bytes;
    unsigned char folder;
    char          name[BLOB_NAME_SIZE + 14];
};

struct files {
    struct file *v;
    size_t       n, capacity;
    int64_t      bytes;
};

static void add(struct files *f, int folder, const char *name, const struct stat *st)
{
    struct file *file;

    if (strlen(name) >= sizeof file->name)
        return;
    if (f->n == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 1024;
        f->v = must_realloc(f->v, f->capacity, sizeof *f->v);
    }
    file = &f->v[f->n++];
    *file = (struct file){.used = st->st_mtime, .bytes = st->st_size,
                          .folder = (unsigned char)folder};
    memcpy(file->name, name, strlen(name) + 1);
    f->bytes += st->st_size;
}

static void list_folder(const struct picture_cache *c, int folder, struct files *f)
{
    char path[PATH_MAX];
    struct dirent *entry;
    struct stat st;
    DIR *dir;

    snprintf(path, sizeof path, "%s/%02x", c->folder, (unsigned)folder);
    dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode))
            add(f, folder, entry->d_name, &st);
    if (dir)
        closedir(dir);
}

/* What was being written when a process was killed. */
static void remove_torn(const struct picture_cache *c)
{
    char path[PATH_MAX];
    struct dirent *entry;
    struct stat st;
    DIR *dir;

    snprintf(path, sizeof path, "%s/new", c->folder);
    dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode) && st.st_mtime < c->started)
            unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
}

static int longest_unused(const void *a, const void *b)
{
    const struct file *x = a, *y = b;

    return x->used != y->used ? (x->used > y->used) - (x->used < y->used)
                              : strcmp(x->name, y->name);
}

static void remove_until(const struct picture_cache *c, struct files *f, int64_t target)
{
    char path[PATH_MAX];

    if (f->bytes <= target)
        return;
    qsort(f->v, f->n, sizeof *f->v, longest_unused);
    for (size_t i = 0; i < f->n && f->bytes > target; i++) {
        snprintf(path, sizeof path, "%s/%02x/%s", c->folder, f->v[i].folder, f->v[i].name);
        if (unlink(path) == 0)
            f->bytes -= f->v[i].bytes;
    }
}

/* How many bytes there may be now: fewer than the limit where the disk gets full. */
static int64_t allowed(const struct picture_cache *c, int64_t bytes)
{
    int64_t spare = folder_free_bytes(c->folder);
    int64_t fits = spare < 0 ? c->limit : bytes + spare - RESERVE;

    return fits < 0 ? 0 : fits < c->limit ? fits : c->limit;
}

/* Counts, and removes down to nine tenths of what is allowed when that is passed. */
static void sweep(struct picture_cache *c)
{
    struct files f = {0};
    int64_t before, most;

    pthread_mutex_lock(&c->lock);
    before = c->bytes;
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < FOLDERS; i++)
        list_folder(c, i, &f);
    most = allowed(c, f.bytes);
    if (f.bytes > most)
        remove_until(c, &f, most / 10 * 9);
    pthread_mutex_lock(&c->lock);
    c->bytes = f.bytes + (c->bytes - before); /* with what came meanwhile */
    c->counted = true;
    pthread_mutex_unlock(&c->lock);
    free(f.v);
}

static bool is_full(struct picture_cache *c)
{
    int64_t bytes;
    bool counted;

    pthread_mutex_lock(&c->lock);
    bytes = c->bytes;
    counted = c->counted;
    pthread_mutex_unlock(&c->lock);
    return !counted || bytes > allowed(c, bytes);
}

static void make_room(struct picture_cache *c)
{
    if (!is_full(c))
        return;
    pthread_mutex_lock(&c->sweep);
    if (is_full(c)) /* still */
        sweep(c);
    pthread_mutex_unlock(&c->sweep);
}

void picture_cache_count(struct picture_cache *c)
{
    bool counted;

    pthread_mutex_lock(&c->lock);
    counted = c->counted;
    pthread_mutex_unlock(&c->lock);
    if (counted)
        return;
    remove_torn(c);
    make_room(c);
}

/* ---- adding ---- */

bool picture_cache_begin(struct picture_cache *c, char temporary[PATH_MAX], int *fd,
                         struct error *err)
{
    snprintf(temporary, PATH_MAX, "%s/new", c->folder);
    if (!folder_make(c->folder, err) || !folder_make(temporary, err))
        return false;
    snprintf(temporary, PATH_MAX, "%s/new/XXXXXX", c->folder);
    *fd = mkostemp(temporary, O_CLOEXEC);
    return *fd >= 0 || disk_error(err, "The picture cannot be kept");
}

bool picture_cache_keep(struct picture_cache *c, const char *temporary, int fd, const char *uri,
                        const char *variant, struct error *err)
{
    char path[PATH_MAX], folder[PATH_MAX];
    struct stat before, st;

    path_of(c, uri, variant, path);
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    if (!folder_make(folder, err))
        return false;
    if (stat(path, &before) != 0)
        before.st_size = 0;
    if (fstat(fd, &st) != 0 || fdatasync(fd) != 0 || rename(temporary, path) != 0)
        return disk_error(err, "The picture cannot be kept");
    pthread_mutex_lock(&c->lock);
    c->bytes += st.st_size - before.st_size;
    pthread_mutex_unlock(&c->lock);
    make_room(c);
    return true;
}

void picture_cache_drop(struct picture_cache *c, const char *uri)
{
    char path[PATH_MAX];
    struct stat st;

    path_of(c, uri, NULL, path);
    if (stat(path, &st) != 0 || unlink(path) != 0)
        return;
    pthread_mutex_lock(&c->lock);
    c->bytes -= st.st_size;
    pthread_mutex_unlock(&c->lock);
}

int64_t picture_cache_bytes(struct picture_cache *c)
{
    int64_t bytes;

    pthread_mutex_lock(&c->lock);
    bytes = c->bytes;
    pthread_mutex_unlock(&c->lock);
    return bytes;
}

int64_t picture_cache_limit(const struct picture_cache *c)
{
    return c->limit;
}
