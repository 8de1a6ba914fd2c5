/* tree_out.c - a tar through libarchive, or plain files.
 *
 * Owner, mode and time of a tar entry come from nothing but the export's own data, so that the same
 * export gives the same bytes. */
#include "tree_out.h"

#include "plumbline/base/disk.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Always a success for libarchive: an archive that has failed is not freed whole by it (3.6.2).
 * What went wrong shows in t->deaf, which each function here looks at before it answers. */
static la_ssize_t tar_write(struct archive *tar, void *ctx, const void *bytes, size_t size)
{
    struct tree_out *t = ctx;

    (void)tar;
    t->deaf = t->deaf || !exporter_put(t->x, bytes, size, t->error);
    return (la_ssize_t)size;
}

static bool tar_result(struct tree_out *t, bool ok, struct error *err)
{
    if (t->deaf || ok)
        return !t->deaf;
    return error_internal(err, "Writing the archive failed: %s.",
                          archive_error_string(t->tar) ? archive_error_string(t->tar) : "unknown");
}

bool tree_out_open(struct tree_out *t, struct exporter *x, int folder, struct error *err)
{
    *t = (struct tree_out){.x = x, .folder = folder, .fd = -1, .error = err};
    if (folder >= 0)
        return true;
    t->tar = archive_write_new();
    if (!t->tar)
        return error_internal(err, "The archive writer refused to start.");
    return tar_result(t,
                      archive_write_set_format_pax_restricted(t->tar) == ARCHIVE_OK &&
                          archive_write_open(t->tar, t, NULL, tar_write, NULL) == ARCHIVE_OK,
                      err);
}

static bool tar_begin(struct tree_out *t, const char *path, int64_t size, int64_t us,
                      struct error *err)
{
    struct archive_entry *entry = archive_entry_new();
    bool ok;

    archive_entry_set_pathname(entry, path);
    archive_entry_set_size(entry, size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, us / SECOND_US, 0);
    ok = tar_result(t, archive_write_header(t->tar, entry) == ARCHIVE_OK, err);
    archive_entry_free(entry);
    return ok;
}

static bool make_parents(int folder, const char *path, struct error *err)
{
    char part[PATH_MAX];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (mkdirat(folder, part, 0777) < 0 && errno != EEXIST)
            return error_system(err, "Making the folder %.200s failed", part);
    }
    return true;
}

bool tree_out_begin(struct tree_out *t, const char *path, int64_t size, int64_t us,
                    struct error *err)
{
    t->error = err;
    if (t->tar)
        return tar_begin(t, path, size, us, err);
    if (!make_parents(t->folder, path, err))
        return false;
    t->fd = openat(t->folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (t->fd < 0)
        return error_system(err, "Opening %.200s failed", path);
    return true;
}

bool tree_out_data(struct tree_out *t, const void *bytes, size_t size, struct error *err)
{
    t->error = err;
    if (t->tar)
        return tar_result(t, archive_write_data(t->tar, bytes, size) == (la_ssize_t)size, err);
    t->x->result.bytes += (int64_t)size;
    return disk_write(t->fd, bytes, size) || disk_error(err, "The tree cannot be written");
}

bool tree_out_end(struct tree_out *t, struct error *err)
{
    int fd = t->fd;

    t->error = err;
    if (t->tar)
        return tar_result(t, archive_write_finish_entry(t->tar) == ARCHIVE_OK, err);
    t->fd = -1;
    return close(fd) == 0 || disk_error(err, "The tree cannot be written");
}

bool tree_out_settle(struct tree_out *t, const char *from, const char *to, struct error *err)
{
    if (t->tar)
        return true;
    if (syncfs(t->folder) < 0 || renameat(t->folder, from, t->folder, to) < 0)
        return error_system(err, "Putting %.200s in its place failed", to);
    return true;
}

bool tree_out_finish(struct tree_out *t, struct error *err)
{
    t->error = err;
    return !t->tar || tar_result(t, archive_write_close(t->tar) == ARCHIVE_OK, err);
}

void tree_out_release(struct tree_out *t)
{
    if (t->fd >= 0)
        close(t->fd);
    if (t->tar) {
        t->deaf = true; /* an unfinished archive is not flushed into the sink */
        archive_write_free(t->tar);
    }
}
