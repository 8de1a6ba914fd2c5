/* label.c - labels and the newest model's guesses as rows. A label is never changed: a newer one
 * supersedes it, and the item points to the current one. */
#include "plumbline/store/items.h"
#include "rows.h"

static bool insert_label(struct db *db, const struct label_row *l, int64_t previous,
                         struct error *err)
{
    static const char sql[] =
        "INSERT INTO label(item, job, origin, class, posterior, confidence, posteriors, method,"
        " answers, model, round, estimate, label_set_version, created, previous)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, l->item);
    stmt_bind_int(q, 2, l->job);
    stmt_bind_int(q, 3, l->origin);
    if (l->class_index >= 0)
        stmt_bind_int(q, 4, l->class_index);
    stmt_bind_real(q, 5, l->posterior);
    stmt_bind_real(q, 6, l->confidence);
    stmt_bind_text(q, 7, l->posteriors);
    stmt_bind_int(q, 8, l->method);
    stmt_bind_int(q, 9, l->answers);
    if (l->model)
        stmt_bind_int(q, 10, l->model);
    if (l->round)
        stmt_bind_int(q, 11, l->round);
    if (l->estimate > 0)
        stmt_bind_real(q, 12, l->estimate);
    stmt_bind_int(q, 13, l->label_set_version);
    stmt_bind_int(q, 14, l->created);
    if (previous)
        stmt_bind_int(q, 15, previous);
    return stmt_run(q, err);
}

/* ---- how many items have which class ---- */

/* Job and class in one number, for db_sum; a class index is below LABELS_MAX, far under 2^16. */
static int64_t class_key(int64_t job, int class_index)
{
    return job << 16 | class_index;
}

static bool count_class(struct db *db, int64_t job, int class_index, int origin, int64_t by,
                        struct error *err)
{
    static const char sql[] =
        "INSERT INTO class_count VALUES(?1 >> 16, ?1 & 65535, ?2, ?3) ON CONFLICT(job, class)"
        " DO UPDATE SET human = human + ?2, machine = machine + ?3";
    const int64_t add[] = {origin == LABEL_HUMAN ? by : 0, origin == LABEL_MACHINE ? by : 0};

    return class_index < 0 || db_sum(db, sql, class_key(job, class_index), add, 2, err);
}

/* The old label's class is left. */
static bool leave_class(struct db *db, const struct item *item, struct error *err)
{
    static const char sql[] = "SELECT class, origin FROM label WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    int class_index = -1, origin = 0;

    if (item->label == 0)
        return true;
    stmt_bind_int(q, 1, item->label);
    if (stmt_row(q) && !row_is_null(q, 0)) {
        class_index = (int)row_int(q, 0);
        origin = (int)row_int(q, 1);
    }
    return stmt_done(q, err) && count_class(db, item->job, class_index, origin, -1, err);
}

bool label_apply(struct db *db, const struct label_row *l, const struct item *item,
                 enum item_state state, struct error *err)
{
    static const char sql[] = "UPDATE item SET state = ?2, class = ?3, posterior = ?4, label = ?5"
                              " WHERE id = ?1";
    struct stmt *q;
    int64_t id;

    if (!leave_class(db, item, err) || !insert_label(db, l, item->label, err))
        return false;
    id = db_last_id(db);
    if (!count_class(db, l->job, l->class_index, l->origin, 1, err))
        return false;
    q = db_stmt(db, sql);
    stmt_bind_int(q, 1, l->item);
    stmt_bind_int(q, 2, state);
    if (l->class_index >= 0)
        stmt_bind_int(q, 3, l->class_index);
    stmt_bind_real(q, 4, l->posterior);
    stmt_bind_int(q, 5, id);
    return rows_changed(db, stmt_run(q, err), "item", err);
}

bool label_get(struct db *db, int64_t id, struct arena *a, struct label_row *out,
               struct error *err)
{
    static const char sql[] =
        "SELECT id, item, job, origin, class, posterior, confidence, posteriors, method, answers,"
        " model, round, estimate, label_set_version, created, previous FROM label WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found)
        *out = (struct label_row){.id = row_int(q, 0),
                                  .item = row_int(q, 1),
                                  .job = row_int(q, 2),
                                  .origin = (int)row_int(q, 3),
                                  .class_index = row_is_null(q, 4) ? -1 : (int)row_int(q, 4),
                                  .posterior = row_real(q, 5),
                                  .confidence = row_real(q, 6),
                                  .posteriors = arena_strdup(a, row_text(q, 7)),
                                  .method = (int)row_int(q, 8),
                                  .answers = row_int(q, 9),
                                  .model = row_int(q, 10),
                                  .round = row_int(q, 11),
                                  .estimate = row_real(q, 12),
                                  .label_set_version = row_int(q, 13),
                                  .created = row_int(q, 14),
                                  .previous = row_int(q, 15)};
    return stmt_done(q, err) && (found || error_not_found(err, "label", "There is no such label."));
}

bool label_first_by_people(struct db *db, int64_t label, int64_t *created, struct error *err)
{
    static const char sql[] = "SELECT previous, origin, created FROM label WHERE id = ?1";

    while (label) {
        struct stmt *q = db_stmt(db, sql);
        int64_t id = label;

        stmt_bind_int(q, 1, id);
        label = 0;
        if (stmt_row(q)) {
            label = row_int(q, 0);
            *created = row_int(q, 1) == LABEL_HUMAN ? row_int(q, 2) : *created;
        }
        if (!stmt_done(q, err))
            return false;
    }
    return true;
}

bool guess_put(struct db *db, int64_t item, int64_t job, int class_index, double p, int64_t model,
               struct error *err)
{
    static const char sql[] = "INSERT INTO guess VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(item)"
                              " DO UPDATE SET class = ?3, p = ?4, model = ?5";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, job);
    stmt_bind_int(q, 3, class_index);
    stmt_bind_real(q, 4, p);
    stmt_bind_int(q, 5, model);
    return stmt_run(q, err);
}

bool guess_get(struct db *db, int64_t item, int *class_index, double *p, int64_t *model,
               struct error *err)
{
    static const char sql[] = "SELECT class, p, model FROM guess WHERE item = ?1";
    struct stmt *q = db_stmt(db, sql);

    *class_index = -1;
    *p = 0;
    *model = 0;
    stmt_bind_int(q, 1, item);
    if (stmt_row(q)) {
        *class_index = (int)row_int(q, 0);
        *p = row_real(q, 1);
        *model = row_int(q, 2);
    }
    return stmt_done(q, err);
}

bool guess_list(struct db *db, int64_t job, int64_t after, int limit, struct guess_row *out,
                int *count, struct error *err)
{
    static const char sql[] = "SELECT item, model, class, p FROM guess INDEXED BY guess_job"
                              " WHERE job = ?1 AND item > ?2 ORDER BY item LIMIT ?3";
    struct stmt *q = db_stmt(db, sql);

    *count = 0;
    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, after);
    stmt_bind_int(q, 3, limit);
    while (stmt_row(q))
        out[(*count)++] = (struct guess_row){.item = row_int(q, 0),
                                             .model = row_int(q, 1),
                                             .class_index = (int)row_int(q, 2),
                                             .p = row_real(q, 3)};
    return stmt_done(q, err);
}

bool guess_delete(struct db *db, int64_t item, bool *was, struct error *err)
{
    static const char sql[] = "DELETE FROM guess WHERE item = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, item);
    if (!stmt_run(q, err))
        return false;
    *was = db_changes(db) > 0;
    return true;
}
