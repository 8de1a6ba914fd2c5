/* exports.c - finding a finished export's file. */
#include "plumbline/engine/exports.h"

#include "files.h"

#include <fcntl.h>

bool exports_open(const struct service *s, const struct export_row *row, int *fd,
                  struct error *err)
{
    char path[PATH_MAX];

    files_export_path(s, row->id, row->format, path);
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    return *fd >= 0 || error_set(err, 404, "export.gone", "",
                                 "The file of exp_%lld is no longer in the data folder.",
                                 (long long)row->id);
}
