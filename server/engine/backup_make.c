/* backup_make.c - database and blobs into one archive, beside a service at work. */
#include "backup_make.h"

#include "folders.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/version.h"
#include "plumbline/db/copy.h"
#include "plumbline/store/counters.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    REST_BYTES = 4 << 20, /* after as many: a millisecond of rest */
    SYNC_BYTES = 32 << 20,
    PIPE_WAIT_MS = 200,
};

struct maker {
    const struct backup_making *m;
    char                        folder[PATH_MAX], database[PATH_MAX];
    int64_t                     bytes, rested, synced;
    bool                        regular;
};

/* ---- where the archive goes ---- */

static bool wait_for_reader(struct maker *k, struct error *err)
{
    struct pollfd p = {.fd = k->m->fd, .events = POLLOUT};

    poll(&p, 1, PIPE_WAIT_MS);
    return k->m->go_on(k->m->context, k->bytes, err);
}

static bool write_failed(struct error *err)
{
    if (errno == EPIPE)
        return error_set(err, 499, "backup.unread", "", "Nobody reads the backup any more.");
    return file_failed("the backup", err);
}

static void rest(struct maker *k)
{
    const struct timespec pause = {.tv_nsec = 1000000L};

    if (k->bytes - k->rested < REST_BYTES)
        return;
    k->rested = k->bytes;
    nanosleep(&pause, NULL);
    if (k->regular && k->bytes - k->synced >= SYNC_BYTES) {
        sync_file_range(k->m->fd, k->synced, k->bytes - k->synced,
                        SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
        k->synced = k->bytes;
    }
}

static bool put(void *context, const void *bytes, size_t size, struct error *err)
{
    struct maker *k = context;
    const char *p = bytes;

    if (!k->m->go_on(k->m->context, k->bytes, err))
        return false;
    while (size > 0) {
        ssize_t n = write(k->m->fd, p, size);

        if (n < 0 && errno == EAGAIN) {
            if (!wait_for_reader(k, err))
                return false;
            continue;
        }
        if (n < 0 && errno != EINTR)
            return write_failed(err);
        n = n < 0 ? 0 : n;
        p += n;
        size -= (size_t)n;
        k->bytes += n;
    }
    rest(k);
    return true;
}

/* ---- the database ---- */

static bool pace(void *context, int64_t bytes, int64_t total, struct error *err)
{
    struct maker *k = context;

    (void)bytes, (void)total;
    return k->m->go_on(k->m->context, k->bytes, err);
}

static bool copy_database(struct maker *k, struct error *err)
{
    char from[PATH_MAX], need[BYTES_TEXT_SIZE], free_text[BYTES_TEXT_SIZE];
    int64_t there = folder_free_bytes(k->folder);
    struct stat st;

    snprintf(from, sizeof from, "%s/plumbline.db", k->m->data_dir);
    if (stat(from, &st) != 0)
        return error_system(err, "%.300s cannot be read", from);
    if (there >= 0 && there < st.st_size)
        return error_set(err, 507, "storage.full", "", "The copy of the database that a backup needs "
                         "(%s) does not fit into %.150s, where %s are free; free some space there.",
                         bytes_text(st.st_size, need), k->folder, bytes_text(there, free_text));
    return db_copy(from, k->database, pace, k, err);
}

static bool is_wanted(void *context)
{
    struct maker *k = context;

    return k->m->go_on(k->m->context, k->bytes, NULL);
}

static bool digest(struct maker *k, int fd, char hex[65], struct error *err)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    static const size_t piece = 1 << 20;
    unsigned char *bytes = must_alloc(piece);
    off_t at = 0;
    ssize_t n;
    bool ok = true;

    crypto_hash_sha256_init(&state);
    while (ok && (n = pread(fd, bytes, piece, at)) > 0) {
        crypto_hash_sha256_update(&state, bytes, (unsigned long long)n);
        at += n;
        ok = k->m->go_on(k->m->context, k->bytes, err);
    }
    if (ok && n < 0)
        ok = error_system(err, "The copy of the database cannot be read");
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(hex, 65, hash, sizeof hash);
    free(bytes);
    return ok;
}

static bool describe(struct maker *k, int fd, char hex[65], struct backup_contents *out,
                     struct error *err)
{
    struct store_totals totals;
    struct db *db;
    struct stat st;
    int schema;
    bool ok;

    if (!db_verify(k->database, false, is_wanted, k, &schema, err))
        return false;
    db = db_open(k->database, DB_READ, err);
    ok = db && store_totals(db, &totals, err);
    db_close(db);
    if (!ok || !digest(k, fd, hex, err))
        return false;
    if (fstat(fd, &st) != 0)
        return error_system(err, "The copy of the database cannot be read");
    *out = (struct backup_contents){.version = PLUMBLINE_VERSION, .schema = schema,
                                    .created = clock_now_us(), .database_bytes = st.st_size,
                                    .database_sha256 = hex, .people = totals.people,
                                    .jobs = totals.jobs, .items = totals.items,
                                    .answers = totals.answers, .labels = totals.labels,
                                    .secrets = k->m->wish.secrets, .blobs = !k->m->wish.db_only};
    return true;
}

/* ---- the files ---- */

static bool add_file(struct backup_writer *w, int folder, const char *file, const char *name,
                     struct error *err)
{
    int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    bool ok;

    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            close(fd);
        return error_system(err, "%.100s cannot be read", name);
    }
    ok = backup_write_file(w, name, fd, st.st_size, err);
    close(fd);
    return ok;
}

/* Thumbnails and other files beside a blob can be made again and stay out. */
static bool is_blob(const char *name)
{
    return strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64;
}

static bool add_blobs(struct backup_writer *w, const char *data_dir, struct error *err)
{
    for (int i = 0; i < 256; i++) {
        char path[PATH_MAX], name[128];
        struct dirent *entry;
        bool ok = true;
        DIR *dir;

        snprintf(path, sizeof path, "%s/blobs/%02x", data_dir, (unsigned)i);
        dir = opendir(path);
        if (!dir && errno != ENOENT)
            return error_system(err, "The folder %.300s cannot be read", path);
        while (dir && ok && (entry = readdir(dir))) {
            if (!is_blob(entry->d_name))
                continue;
            snprintf(name, sizeof name, "blobs/%02x/%.64s", (unsigned)i, entry->d_name);
            ok = add_file(w, dirfd(dir), entry->d_name, name, err);
        }
        if (dir)
            closedir(dir);
        if (!ok)
            return false;
    }
    return true;
}

static bool write_archive(struct maker *k, int fd, const struct backup_contents *contents,
                          struct error *err)
{
    struct backup_writer *w = backup_writer_new((enum backup_compression)k->m->wish.compression,
                                                put, k, err);
    char key[PATH_MAX];
    bool ok;

    if (!w)
        return false;
    snprintf(key, sizeof key, "%s/secret.key", k->m->data_dir);
    ok = backup_write_contents(w, contents, err) &&
         backup_write_file(w, "plumbline.db", fd, contents->database_bytes, err);
    unlink(k->database); /* its bytes are in the archive: the blobs may need the space */
    ok = ok && (!k->m->wish.secrets || add_file(w, AT_FDCWD, key, "secret.key", err)) &&
         (k->m->wish.db_only || add_blobs(w, k->m->data_dir, err)) && backup_write_end(w, err);
    backup_writer_free(w);
    return ok;
}

bool backup_make(const struct backup_making *m, struct error *err)
{
    struct maker k = {.m = m};
    struct backup_contents contents;
    struct stat st;
    char hex[65];
    int fd = -1;
    bool ok = false;

    k.regular = fstat(m->fd, &st) == 0 && S_ISREG(st.st_mode);
    snprintf(k.folder, sizeof k.folder, "%s/backups/.plumbline-copy-XXXXXX", m->data_dir);
    if (!mkdtemp(k.folder))
        return file_failed(k.folder, err);
    snprintf(k.database, sizeof k.database, "%s/plumbline.db", k.folder);
    if (!copy_database(&k, err))
        goto out;
    fd = open(k.database, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_system(err, "The copy of the database cannot be read");
        goto out;
    }
    ok = describe(&k, fd, hex, &contents, err) && write_archive(&k, fd, &contents, err) &&
         m->go_on(m->context, k.bytes, err); /* all of them */
out:
    if (fd >= 0)
        close(fd);
    folder_remove(k.folder);
    return ok;
}
