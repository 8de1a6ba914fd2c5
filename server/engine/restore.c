/* restore.c - a backup takes the place of what a data folder holds.
 *
 * Everything is read, checked and synced in DIR/.plumbline-restore-XXXXXX first. Then:
 *
 *   1. blobs move into DIR/blobs: they are named by their content, so they harm nothing there
 *   2. the old exports/, uploads/ and secret.key move to DIR/.before-restore-TIME
 *   3. the old database gets a second name there (a hard link), its log folded into it before
 *   4. the new database is renamed over plumbline.db: this is the moment of the restore
 *   5. the folder of the old content loses its dot
 *
 * restore_recover takes back what was cut off between 2 and 4 (the database in the dotted folder is
 * missing, or still the living one) and finishes what was cut off before 5. */
#include "plumbline/engine/backups.h"

#include "folders.h"
#include "plumbline/base/log.h"
#include "plumbline/db/copy.h"
#include "plumbline/store/schema.h"
#include "restore_swap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a disk keeps free after a restore. */
static const int64_t SPARE_BYTES = 16 << 20;

struct unpacker {
    char    folder[PATH_MAX];
    int     fd; /* of the entry being written, or -1 */
    int64_t left_free;
};

/* ---- the archive, into the folder ---- */

static bool make_blob_folder(const char *folder, const char *name, struct error *err)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%.8s", folder, name); /* blobs/ab */
    return folder_make(path, err);
}

static bool on_begin(void *context, const char *name, int64_t size, struct error *err)
{
    struct unpacker *u = context;
    char path[PATH_MAX], need[BYTES_TEXT_SIZE], there[BYTES_TEXT_SIZE];

    if (u->left_free >= 0 && size > u->left_free - SPARE_BYTES)
        return error_set(err, 507, "storage.full", "", "The backup does not fit: the next file in it "
                         "has %s, and %s are free. Nothing was changed.", bytes_text(size, need),
                         bytes_text(u->left_free, there));
    u->left_free -= u->left_free >= 0 ? size : 0;
    if (strncmp(name, "blobs/", 6) == 0 && !make_blob_folder(u->folder, name, err))
        return false;
    snprintf(path, sizeof path, "%s/%s", u->folder, name);
    /* The same blob twice in an archive is the same bytes twice. */
    u->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    return u->fd >= 0 || file_failed(path, err);
}

static bool on_data(void *context, const void *bytes, size_t size, struct error *err)
{
    struct unpacker *u = context;
    const char *p = bytes;

    while (size > 0) {
        ssize_t n = write(u->fd, p, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return file_failed(u->folder, err);
        p += n;
        size -= (size_t)n;
    }
    return true;
}

static bool on_end(void *context, struct error *err)
{
    struct unpacker *u = context;
    bool ok = close(u->fd) == 0 || file_failed(u->folder, err);

    u->fd = -1;
    return ok;
}

/* All of it at once: a sync for each of a million pictures would take hours. */
static bool sync_all(const struct unpacker *u, struct error *err)
{
    int fd = open(u->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;

    if (!ok)
        file_failed(u->folder, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool on_contents(void *context, const struct backup_contents *c, struct error *err)
{
    const struct unpacker *u = context;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/blobs", u->folder);
    return db_version_known((int)c->schema, schema_newest(), err) && folder_make(path, err);
}

static bool unpack(struct unpacker *u, int fd, struct restore_report *out, struct error *err)
{
    const struct backup_sink sink = {.context = u, .contents = on_contents, .begin = on_begin,
                                     .data = on_data, .end = on_end};
    struct backup_contents c;
    struct backup_totals totals;
    struct arena a;
    bool ok;

    arena_init(&a);
    ok = backup_read(fd, &sink, &a, &c, &totals, err);
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
    if (ok) {
        out->from_archive = true;
        out->secrets = c.secrets;
        out->blobs = totals.blobs;
        out->blob_bytes = totals.blob_bytes;
        out->created = c.created;
        out->jobs = c.jobs;
        out->items = c.items;
        out->answers = c.answers;
    }
    arena_release(&a);
    return ok;
}

/* ---- a bare database, into the folder ---- */

static bool is_database(int fd)
{
    char head[16];

    return pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
           memcmp(head, "SQLite format 3", sizeof head) == 0;
}

static bool take_database(struct unpacker *u, int fd, struct error *err)
{
    static const size_t piece = 1 << 20;
    struct stat st;
    bool ok = false;
    char *bytes;
    ssize_t n;

    if (fstat(fd, &st) != 0)
        return error_system(err, "The backup cannot be read");
    if (!on_begin(u, "plumbline.db", st.st_size, err))
        return false;
    bytes = must_alloc(piece);
    while ((n = read(fd, bytes, piece)) > 0)
        if (!on_data(u, bytes, (size_t)n, err))
            goto out;
    ok = (n == 0 || error_system(err, "The backup cannot be read")) && on_end(u, err);
out:
    free(bytes);
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
    return ok;
}

/* ---- all of it ---- */

static bool check_database(const struct unpacker *u, struct restore_report *out, struct error *err)
{
    char path[PATH_MAX];
    struct stat st;

    snprintf(path, sizeof path, "%s/plumbline.db", u->folder);
    if (!db_verify(path, false, NULL, NULL, &out->schema, err))
        return false;
    if (out->schema == 0)
        return error_set(err, 422, "backup.damaged", "", "The database in it is empty.");
    if (stat(path, &st) == 0)
        out->database_bytes = st.st_size;
    return db_version_known(out->schema, schema_newest(), err);
}

static bool read_backup(struct unpacker *u, const char *file, struct restore_report *out,
                        struct error *err)
{
    bool standard = strcmp(file, "-") == 0, ok;
    int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_set(err, 1, "backup.not_found", "", "%.300s: %s.", file, strerror(errno));
    ok = (!standard && is_database(fd) ? take_database(u, fd, err) : unpack(u, fd, out, err)) &&
         check_database(u, out, err);
    if (!standard)
        close(fd);
    return ok;
}

static bool may_overwrite(const char *data_dir, bool force, bool *there, struct error *err)
{
    char path[PATH_MAX];
    struct stat st;

    snprintf(path, sizeof path, "%s/plumbline.db", data_dir);
    *there = lstat(path, &st) == 0;
    return !*there || force ||
           error_conflict(err, "restore.exists", "%.200s already holds a database. Give another "
                          "folder with --data, or --force to put the backup in its place; what is "
                          "there is then kept aside.", data_dir);
}

static bool lock(const char *data_dir, int *fd, struct error *err)
{
    struct error why = {0};

    if (folder_lock(data_dir, fd, &why))
        return true;
    if (why.status == 409)
        return error_conflict(err, "storage.locked", "A service or command uses %.250s; stop it "
                              "before you restore into it.", data_dir);
    *err = why;
    return false;
}

bool restore_run(const char *file, const char *data_dir, bool force, struct restore_report *out,
                 struct error *err)
{
    struct unpacker u = {.fd = -1};
    bool ok = false, there;
    int locked;

    *out = (struct restore_report){0};
    if (!folder_make(data_dir, err) || !lock(data_dir, &locked, err))
        return false;
    restore_recover(data_dir);
    if (!may_overwrite(data_dir, force, &there, err))
        goto out;
    snprintf(u.folder, sizeof u.folder, "%s/.plumbline-restore-XXXXXX", data_dir);
    if (!mkdtemp(u.folder)) {
        file_failed(u.folder, err);
        goto out;
    }
    u.left_free = folder_free_bytes(u.folder);
    ok = read_backup(&u, file, out, err) && sync_all(&u, err) &&
         restore_swap(u.folder, data_dir, there, out->aside, err);
    folder_remove(u.folder);
out:
    close(locked);
    return ok;
}
