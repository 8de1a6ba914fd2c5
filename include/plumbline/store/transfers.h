/* transfers.h - imports and exports as rows: long work that is named, followed and survives a
 * restart. */
#ifndef PLUMBLINE_STORE_TRANSFERS_H
#define PLUMBLINE_STORE_TRANSFERS_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

enum transfer_state { TRANSFER_RUNNING, TRANSFER_DONE, TRANSFER_FAILED };

extern const char *const transfer_state_names[]; /* "running", "done", "failed" */

enum { IMPORT_ERRORS_KEPT = 10000, IMPORT_ERRORS_SHOWN = 100 };

struct import_row {
    int64_t     id, job;
    int         state;
    const char *source, *path, *message;
    bool        owned; /* the file is ours to remove */
    int64_t     lines, added, duplicates, failed, created, finished;
    int64_t     bytes, bytes_total; /* of the source; total 0: not known */
    const char *etag; /* of the object in a bucket that it reads, or NULL */
};

/* What a piece of an import adds. */
struct import_step {
    int64_t lines, added, duplicates, failed;
    int64_t bytes, bytes_total; /* so far and in all, not to be added */
};

struct import_error {
    int64_t     line;
    const char *code, *message;
};

bool import_insert(struct db *db, int64_t job, const char *source, const char *path,
                   int64_t bytes_total, bool owned, int64_t *id, struct error *err);
bool import_get(struct db *db, int64_t id, struct arena *a, struct import_row *out,
                struct error *err);
bool import_list(struct db *db, int64_t job, struct arena *a, struct import_row **out, int *count,
                 struct error *err); /* newest first, at most 50 */
/* The oldest that runs, of those after `after`; 0: none. */
bool import_running(struct db *db, int64_t after, int64_t *id, struct error *err);
bool import_running_of(struct db *db, int64_t job, bool *any, struct error *err);
/* Whether an unfinished import reads a file of this name, or (NAME.part) is fetching it. */
bool import_wants(struct db *db, const char *name, bool *wanted, struct error *err);
bool import_add(struct db *db, int64_t id, const struct import_step *step, struct error *err);
/* How far the fetching of its source has come. */
bool import_fetched(struct db *db, int64_t id, const char *etag, int64_t bytes, int64_t bytes_total,
                    struct error *err);
/* Why it waits, until it gets on again. */
bool import_note(struct db *db, int64_t id, const char *problem, struct error *err);
bool import_lines(struct db *db, int64_t id, int64_t *lines, struct error *err); /* 404 */
bool import_finish(struct db *db, int64_t id, bool ok, const char *message, struct error *err);
/* Paths of the job's uploads that no import has finished with. */
bool import_uploads(struct db *db, int64_t job, struct arena *a, const char ***paths, int *count,
                    struct error *err);
bool import_error_put(struct db *db, int64_t import, int64_t line, const char *code,
                      const char *message, struct error *err);
bool import_error_list(struct db *db, int64_t import, int limit, struct arena *a,
                       struct import_error **out, int *count, struct error *err);

struct export_row {
    int64_t     id, job;
    int         state, format, scope;
    bool        provisional;
    int64_t     lines, bytes, model, label_set_version, created, finished;
    const char *sha256, *message;
    const char *destination; /* s3:// URI of an object or, of a tree, of its folder; NULL: a file */
};

bool export_insert(struct db *db, const struct export_row *row, int64_t *id, struct error *err);
bool export_get(struct db *db, int64_t id, struct arena *a, struct export_row *out,
                struct error *err);
bool export_list(struct db *db, int64_t job, int limit, struct arena *a, struct export_row **out,
                 int *count, struct error *err); /* newest first; limit -1: all */
bool export_running(struct db *db, int64_t *id, struct error *err);
bool export_finish(struct db *db, const struct export_row *row, struct error *err); /* 404 */

#endif
