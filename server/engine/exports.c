/* exports.c - where exports are, and where they are to go. */
#include "plumbline/engine/exports.h"

#include "files.h"
#include "plumbline/exchange/export.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

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

bool exports_destination(struct service *s, const char *to, int format, const char *job,
                         struct arena *a, const char **uri, struct error *err)
{
    static const char *const endings[] = {[EXPORT_MANIFEST] = "manifest", [EXPORT_JSONL] = "jsonl",
                                          [EXPORT_CSV] = "csv"};
    struct s3_place place;
    size_t n = strlen(to);

    if (!s3_place_parse(s->s3, to, &place, err)) {
        snprintf(err->field, sizeof err->field, "to");
        return false;
    }
    if (format == EXPORT_TREE || (*place.key && to[n - 1] != '/'))
        *uri = arena_strdup(a, to);
    else
        *uri = arena_printf(a, "%s%s%s.%s", to, to[n - 1] == '/' ? "" : "/", job, endings[format]);
    return true;
}
