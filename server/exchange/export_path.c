/* export_path.c - exports into open files, new files and folders. */
#include "writer.h"

#include "plumbline/base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lets the disk begin with what is in the page cache, so that the fsync at the end finds little left
 * to do. On a pipe it does nothing. */
static void start_writing(int fd)
{
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static bool write_fd(void *ctx, const void *bytes, size_t size, struct error *err)
{
    int fd = *(int *)ctx;

    if (!disk_write(fd, bytes, size))
        return disk_error(err, "The export cannot be written");
    start_writing(fd);
    return true;
}

bool export_write_fd(const struct export_options *options, const struct export_source *source,
                     int fd, struct export_result *result, struct error *err)
{
    struct export_sink sink = {&fd, write_fd};

    return export_write(options, source, &sink, result, err);
}

static bool write_file(const struct export_options *options, const struct export_source *source,
                       const char *path, struct export_result *result, struct error *err)
{
    char part[PATH_MAX];
    int fd = -1;
    bool ok = false;

    if (snprintf(part, sizeof part, "%s.part-%ld", path, (long)getpid()) >= (int)sizeof part)
        return error_set(err, 422, "export.path", "out", "The path of the export is too long.");
    fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return disk_error(err, "The export cannot be written");
    if (!export_write_fd(options, source, fd, result, err))
        goto out;
    ok = (fsync(fd) == 0 && rename(part, path) == 0 && disk_sync_folder_of(path)) ||
         disk_error(err, "The export cannot be written");
out:
    close(fd);
    if (!ok)
        unlink(part);
    return ok;
}

static bool write_folder(const struct export_options *options, const struct export_source *source,
                         const char *path, struct export_result *result, struct error *err)
{
    struct exporter x;
    int folder;
    bool ok;

    if (mkdir(path, 0777) < 0 && errno != EEXIST)
        return error_system(err, "Making the folder %.200s failed", path);
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return error_system(err, "Opening the folder %.200s failed", path);
    exporter_init(&x, options, source, NULL);
    ok = export_tree(&x, folder, err);
    if (ok && result)
        *result = x.result;
    exporter_release(&x);
    close(folder);
    return ok;
}

bool export_write_path(const struct export_options *options, const struct export_source *source,
                       const char *path, struct export_result *result, struct error *err)
{
    size_t n = strlen(path);

    if (options->format == EXPORT_TREE && !(n > 4 && strcmp(path + n - 4, ".tar") == 0))
        return write_folder(options, source, path, result, err);
    return write_file(options, source, path, result, err);
}
