/* files.c - names of files beside the database. */
#include "files.h"

#include "plumbline/exchange/export.h"

#include <stdio.h>
#include <unistd.h>

void files_export_path(const struct service *s, int64_t export_id, int format, char out[PATH_MAX])
{
    static const char *const endings[] = {[EXPORT_MANIFEST] = "manifest", [EXPORT_TREE] = "tar",
                                          [EXPORT_JSONL] = "jsonl", [EXPORT_CSV] = "csv"};

    snprintf(out, PATH_MAX, "%s/exports/exp_%lld.%s", s->data_dir, (long long)export_id,
             endings[format]);
}

void files_features_path(const struct service *s, int64_t job, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/cache/job_%lld.features", s->data_dir, (long long)job);
}

void files_forget_export(const struct service *s, const struct export_row *row)
{
    char path[PATH_MAX];

    files_export_path(s, row->id, row->format, path);
    unlink(path);
}

void files_forget_job(const struct service *s, int64_t job)
{
    char path[PATH_MAX];

    files_features_path(s, job, path);
    unlink(path);
}
