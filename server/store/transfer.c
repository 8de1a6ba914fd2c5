/* transfer.c - imports and exports as rows. */
#include "plumbline/store/transfers.h"

#include "plumbline/base/clock.h"
#include "rows.h"

const char *const transfer_state_names[] = {"running", "done", "failed", NULL};

bool import_insert(struct db *db, int64_t job, const char *source, const char *path,
                   int64_t bytes_total, bool owned, int64_t *id, struct error *err)
{
    static const char sql[] = "INSERT INTO import(job, state, source, path, owned, created,"
                              " bytes_total) VALUES(?1, 0, ?2, ?3, ?4, ?5, ?6)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_text(q, 2, source);
    stmt_bind_text(q, 3, path);
    stmt_bind_int(q, 4, owned);
    stmt_bind_int(q, 5, clock_now_us());
    stmt_bind_int(q, 6, bytes_total);
    if (!stmt_run(q, err))
        return false;
    *id = db_last_id(db);
    return true;
}

#define IMPORT_COLUMNS                                                                             \
    "id, job, state, source, path, owned, lines, added, duplicates, failed, message, created,"    \
    " finished, bytes, bytes_total, etag"

static void read_import(struct stmt *q, struct arena *a, struct import_row *out)
{
    *out = (struct import_row){.id = row_int(q, 0),
                               .job = row_int(q, 1),
                               .state = (int)row_int(q, 2),
                               .source = arena_strdup(a, row_text(q, 3)),
                               .path = arena_strdup(a, row_text(q, 4)),
                               .owned = row_int(q, 5) != 0,
                               .lines = row_int(q, 6),
                               .added = row_int(q, 7),
                               .duplicates = row_int(q, 8),
                               .failed = row_int(q, 9),
                               .message = arena_strdup(a, row_text(q, 10)),
                               .created = row_int(q, 11),
                               .finished = row_int(q, 12),
                               .bytes = row_int(q, 13),
                               .bytes_total = row_int(q, 14),
                               .etag = arena_strdup(a, row_text(q, 15))};
}

bool import_get(struct db *db, int64_t id, struct arena *a, struct import_row *out,
                struct error *err)
{
    static const char sql[] = "SELECT " IMPORT_COLUMNS " FROM import WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        read_import(q, a, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "import", "There is no imp_%lld.", (long long)id));
}

bool import_list(struct db *db, int64_t job, struct arena *a, struct import_row **out, int *count,
                 struct error *err)
{
    static const char sql[] = "SELECT " IMPORT_COLUMNS " FROM import WHERE job = ?1"
                              " ORDER BY id DESC LIMIT 50";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    while (stmt_row(q))
        read_import(q, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}

bool import_running(struct db *db, int64_t after, int64_t *id, struct error *err)
{
    static const char sql[] = "SELECT coalesce(min(id), 0) FROM import WHERE state = 0 AND id > ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, after);
    return stmt_int(q, id, err);
}

bool import_running_of(struct db *db, int64_t job, bool *any, struct error *err)
{
    static const char sql[] = "SELECT EXISTS(SELECT 1 FROM import WHERE job = ?1 AND state = 0)";
    struct stmt *q = db_stmt(db, sql);
    int64_t yes = 0;
    bool ok;

    stmt_bind_int(q, 1, job);
    ok = stmt_int(q, &yes, err);
    *any = yes != 0;
    return ok;
}

bool import_wants(struct db *db, const char *name, bool *wanted, struct error *err)
{
    static const char sql[] = "SELECT EXISTS(SELECT 1 FROM import WHERE state = 0"
                              " AND (substr(path, -length(?1) - 1) = '/' || ?1"
                              " OR substr(path || '.part', -length(?1) - 1) = '/' || ?1))";
    struct stmt *q = db_stmt(db, sql);
    int64_t yes = 0;
    bool ok;

    stmt_bind_text(q, 1, name);
    ok = stmt_int(q, &yes, err);
    *wanted = yes != 0;
    return ok;
}

bool import_add(struct db *db, int64_t id, const struct import_step *step, struct error *err)
{
    static const char sql[] = "UPDATE import SET lines = lines + ?2, added = added + ?3,"
                              " duplicates = duplicates + ?4, failed = failed + ?5, bytes = ?6,"
                              " bytes_total = ?7, message = NULL WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, step->lines);
    stmt_bind_int(q, 3, step->added);
    stmt_bind_int(q, 4, step->duplicates);
    stmt_bind_int(q, 5, step->failed);
    stmt_bind_int(q, 6, step->bytes);
    stmt_bind_int(q, 7, step->bytes_total);
    return stmt_run(q, err);
}

bool import_fetched(struct db *db, int64_t id, const char *etag, int64_t bytes, int64_t bytes_total,
                    struct error *err)
{
    static const char sql[] = "UPDATE import SET etag = ?2, bytes = ?3, bytes_total = ?4,"
                              " message = NULL WHERE id = ?1 AND state = 0";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, etag);
    stmt_bind_int(q, 3, bytes);
    stmt_bind_int(q, 4, bytes_total);
    return stmt_run(q, err);
}

bool import_note(struct db *db, int64_t id, const char *problem, struct error *err)
{
    static const char sql[] = "UPDATE import SET message = ?2 WHERE id = ?1 AND state = 0";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, problem);
    return stmt_run(q, err);
}

bool import_lines(struct db *db, int64_t id, int64_t *lines, struct error *err)
{
    static const char sql[] = "SELECT lines FROM import WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    struct error why = {0};

    stmt_bind_int(q, 1, id);
    if (stmt_int(q, lines, &why))
        return true;
    if (why.status)
        *err = why;
    return why.status == 0 ? error_not_found(err, "import", "There is no imp_%lld.", (long long)id)
                           : false;
}

bool import_finish(struct db *db, int64_t id, bool ok, const char *message, struct error *err)
{
    static const char sql[] = "UPDATE import SET state = ?2, message = ?3, finished = ?4,"
                              " bytes = iif(?2 = 1, bytes_total, bytes) WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, ok ? TRANSFER_DONE : TRANSFER_FAILED);
    stmt_bind_text(q, 3, message);
    stmt_bind_int(q, 4, clock_now_us());
    return stmt_run(q, err);
}

bool import_uploads(struct db *db, int64_t job, struct arena *a, const char ***paths, int *count,
                    struct error *err)
{
    static const char sql[] = "SELECT path FROM import WHERE job = ?1 AND state = 0 AND owned = 1";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *paths = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    while (stmt_row(q)) {
        const char **path = rows_next(a, (void **)paths, count, &capacity, sizeof **paths);

        *path = arena_strdup(a, row_text(q, 0));
    }
    return stmt_done(q, err);
}

bool import_error_put(struct db *db, int64_t import, int64_t line, const char *code,
                      const char *message, struct error *err)
{
    static const char sql[] = "INSERT INTO import_error VALUES(?1, ?2, ?3, ?4)"
                              " ON CONFLICT DO NOTHING";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, import);
    stmt_bind_int(q, 2, line);
    stmt_bind_text(q, 3, code);
    stmt_bind_text(q, 4, message);
    return stmt_run(q, err);
}

bool import_error_list(struct db *db, int64_t import, int limit, struct arena *a,
                       struct import_error **out, int *count, struct error *err)
{
    static const char sql[] = "SELECT line, code, message FROM import_error WHERE import = ?1"
                              " ORDER BY line LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, import);
    stmt_bind_int(q, 2, limit);
    while (stmt_row(q)) {
        struct import_error *e = rows_next(a, (void **)out, count, &capacity, sizeof **out);

        *e = (struct import_error){row_int(q, 0), arena_strdup(a, row_text(q, 1)),
                                   arena_strdup(a, row_text(q, 2))};
    }
    return stmt_done(q, err);
}

bool export_insert(struct db *db, const struct export_row *row, int64_t *id, struct error *err)
{
    static const char sql[] = "INSERT INTO export(job, state, format, scope, provisional, created,"
                              " destination) VALUES(?1, 0, ?2, ?3, ?4, ?5, ?6)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, row->job);
    stmt_bind_int(q, 2, row->format);
    stmt_bind_int(q, 3, row->scope);
    stmt_bind_int(q, 4, row->provisional);
    stmt_bind_int(q, 5, clock_now_us());
    stmt_bind_text(q, 6, row->destination);
    if (!stmt_run(q, err))
        return false;
    *id = db_last_id(db);
    return true;
}

#define EXPORT_COLUMNS                                                                             \
    "id, job, state, format, scope, provisional, lines, bytes, sha256, model, label_set_version," \
    " message, created, finished, destination"

static void read_export(struct stmt *q, struct arena *a, struct export_row *out)
{
    *out = (struct export_row){.id = row_int(q, 0),
                               .job = row_int(q, 1),
                               .state = (int)row_int(q, 2),
                               .format = (int)row_int(q, 3),
                               .scope = (int)row_int(q, 4),
                               .provisional = row_int(q, 5) != 0,
                               .lines = row_int(q, 6),
                               .bytes = row_int(q, 7),
                               .sha256 = arena_strdup(a, row_text(q, 8)),
                               .model = row_int(q, 9),
                               .label_set_version = row_int(q, 10),
                               .message = arena_strdup(a, row_text(q, 11)),
                               .created = row_int(q, 12),
                               .finished = row_int(q, 13),
                               .destination = arena_strdup(a, row_text(q, 14))};
}

bool export_get(struct db *db, int64_t id, struct arena *a, struct export_row *out,
                struct error *err)
{
    static const char sql[] = "SELECT " EXPORT_COLUMNS " FROM export WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        read_export(q, a, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "export", "There is no exp_%lld.", (long long)id));
}

bool export_list(struct db *db, int64_t job, int limit, struct arena *a, struct export_row **out,
                 int *count, struct error *err)
{
    static const char sql[] = "SELECT " EXPORT_COLUMNS " FROM export WHERE job = ?1"
                              " ORDER BY id DESC LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, limit);
    while (stmt_row(q))
        read_export(q, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    return stmt_done(q, err);
}

bool export_running(struct db *db, int64_t *id, struct error *err)
{
    static const char sql[] = "SELECT coalesce(min(id), 0) FROM export WHERE state = 0";

    return stmt_int(db_stmt(db, sql), id, err);
}

bool export_finish(struct db *db, const struct export_row *row, struct error *err)
{
    static const char sql[] =
        "UPDATE export SET state = ?2, lines = ?3, bytes = ?4, sha256 = ?5, model = ?6,"
        " label_set_version = ?7, message = ?8, finished = ?9 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, row->id);
    stmt_bind_int(q, 2, row->state);
    stmt_bind_int(q, 3, row->lines);
    stmt_bind_int(q, 4, row->bytes);
    stmt_bind_text(q, 5, row->sha256);
    if (row->model)
        stmt_bind_int(q, 6, row->model);
    stmt_bind_int(q, 7, row->label_set_version);
    stmt_bind_text(q, 8, row->message);
    stmt_bind_int(q, 9, clock_now_us());
    return rows_changed(db, stmt_run(q, err), "export", err);
}
