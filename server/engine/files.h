/* files.h - where the engine keeps files beside the database; private to engine/. */
#ifndef ENGINE_FILES_H
#define ENGINE_FILES_H

#include "plumbline/engine/service.h"
#include "plumbline/store/transfers.h"

#include <limits.h>

/* DIR/exports/exp_7.jsonl and so on; format's own ending. */
void files_export_path(const struct service *s, int64_t export_id, int format, char out[PATH_MAX]);

/* DIR/cache/job_7.features: may be deleted at any time. */
void files_features_path(const struct service *s, int64_t job, char out[PATH_MAX]);

void files_forget_export(const struct service *s, const struct export_row *row);
void files_forget_job(const struct service *s, int64_t job);

#endif
