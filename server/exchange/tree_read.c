/* tree_read.c - the files of a tree's tar, one by one. */
#include "plumbline/exchange/tree.h"

#include <archive.h>
#include <archive_entry.h>

static bool failed(struct archive *tar, struct error *err)
{
    const char *why = archive_error_string(tar);

    return error_internal(err, "The archive of the tree cannot be read: %s.",
                          why ? why : "unknown");
}

bool tree_read(const char *path, tree_each *each, void *ctx, struct error *err)
{
    struct archive *tar = archive_read_new();
    struct archive_entry *entry;
    bool ok;
    int rc = ARCHIVE_OK;

    if (!tar)
        return error_internal(err, "The archive reader refused to start.");
    archive_read_support_format_tar(tar);
    ok = archive_read_open_filename(tar, path, 1 << 16) == ARCHIVE_OK || failed(tar, err);
    while (ok && (rc = archive_read_next_header(tar, &entry)) == ARCHIVE_OK) {
        struct tree_file file = {archive_entry_pathname(entry), archive_entry_size(entry), tar};

        ok = each(ctx, &file, err);
    }
    ok = ok && (rc == ARCHIVE_EOF || failed(tar, err));
    archive_read_free(tar);
    return ok;
}

bool tree_file_read(struct tree_file *file, void *bytes, size_t room, size_t *size,
                    struct error *err)
{
    la_ssize_t n = archive_read_data(file->tar, bytes, room);

    *size = n < 0 ? 0 : (size_t)n;
    return n >= 0 || failed(file->tar, err);
}
