/* job.c - jobs as rows. */
#include "plumbline/store/jobs.h"

#include "name_key.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/touch.h"
#include "plumbline/store/items.h"
#include "rows.h"

#include <stdio.h>

const char *const job_state_names[] = {"initializing", "in_progress", "paused",  "completed",
                                       "failed",       "stopping",    "stopped", NULL};
const char *const consolidation_names[] = {"em", "majority", "ground-truth", NULL};

#define JOB_ROW(title, failure, instructions, loop, description, output)                           \
    "job.id, job.name, " title ", job.type, job.state, " failure ", job.label_attribute,"         \
    " job.label_set_version, " instructions ", job.instructions_version,"                         \
    " job.annotators_per_item, job.open_items, job.lease_seconds, job.consolidation,"             \
    " job.auto_advance, job.auto_enabled, job.auto_target, job.auto_max_human,"                   \
    " job.auto_max_share, job.auto_all, job.created_by, job.created, job.modified, job.started,"  \
    " job.finished, job.next_line, job.filled, job.fitted_answers, job.reconsolidated, " loop ","  \
    " " description ", " output ", job.availability_seconds, coalesce(job.initial_model, 0),"      \
    " c.waiting, c.open, c.answered, c.human, c.machine, c.failed, c.answers, c.skips,"           \
    " c.provisional"
#define JOB_COLUMNS                                                                                \
    JOB_ROW("job.title", "job.failure", "job.instructions", "job.loop", "job.description",         \
            "job.output")
#define JOB_BARE_COLUMNS JOB_ROW("NULL", "NULL", "NULL", "NULL", "NULL", "NULL")
#define JOB_TABLES " FROM job JOIN job_count AS c ON c.job = job.id "

static void read_counts(struct stmt *q, int at, struct job_counts *c)
{
    *c = (struct job_counts){row_int(q, at),     row_int(q, at + 1), row_int(q, at + 2),
                             row_int(q, at + 3), row_int(q, at + 4), row_int(q, at + 5),
                             row_int(q, at + 6), row_int(q, at + 7), row_int(q, at + 8)};
}

static void read_job(struct stmt *q, struct arena *a, struct job *out)
{
    int at = 0;

    out->id = row_int(q, at++);
    out->name = arena_strdup(a, row_text(q, at++));
    out->title = arena_strdup(a, row_text(q, at++));
    out->type = arena_strdup(a, row_text(q, at++));
    out->state = (int)row_int(q, at++);
    out->failure = arena_strdup(a, row_text(q, at++));
    out->label_attribute = arena_strdup(a, row_text(q, at++));
    out->label_set_version = row_int(q, at++);
    out->instructions = arena_strdup(a, row_text(q, at++));
    out->instructions_version = row_int(q, at++);
    out->annotators_per_item = row_int(q, at++);
    out->open_items = row_int(q, at++);
    out->lease_seconds = row_int(q, at++);
    out->consolidation = (int)row_int(q, at++);
    out->auto_advance = row_int(q, at++) != 0;
    out->auto_enabled = row_int(q, at++) != 0;
    out->auto_target = row_real(q, at++);
    out->auto_max_human = row_int(q, at++);
    out->auto_max_share = row_int(q, at++);
    out->auto_all = row_int(q, at++) != 0;
    out->created_by = row_int(q, at++);
    out->created = row_int(q, at++);
    out->modified = row_int(q, at++);
    out->started = row_int(q, at++);
    out->finished = row_int(q, at++);
    out->next_line = row_int(q, at++);
    out->filled = row_int(q, at++);
    out->fitted_answers = row_int(q, at++);
    out->reconsolidated = row_int(q, at++) != 0;
    out->loop = arena_strdup(a, row_text(q, at++));
    out->description = arena_strdup(a, row_text(q, at++));
    out->output = arena_strdup(a, row_text(q, at++));
    out->availability_seconds = row_int(q, at++);
    out->initial_model = row_int(q, at++);
    read_counts(q, at, &out->counts);
}

static void bind_settings(struct stmt *q, const struct job *job)
{
    stmt_bind_text(q, 2, job->title);
    stmt_bind_text(q, 3, job->instructions);
    stmt_bind_int(q, 4, job->annotators_per_item);
    stmt_bind_int(q, 5, job->open_items);
    stmt_bind_int(q, 6, job->lease_seconds);
    stmt_bind_int(q, 7, job->consolidation);
    stmt_bind_int(q, 8, job->auto_advance);
    stmt_bind_int(q, 9, job->auto_enabled);
    stmt_bind_real(q, 10, job->auto_target);
    stmt_bind_int(q, 11, job->auto_max_human);
    stmt_bind_int(q, 12, job->auto_max_share);
    stmt_bind_int(q, 13, job->auto_all);
    stmt_bind_int(q, 14, job->modified);
    stmt_bind_int(q, 15, job->label_set_version);
    stmt_bind_int(q, 16, job->instructions_version);
    stmt_bind_text(q, 24, job->description ? job->description : "");
    stmt_bind_text(q, 25, job->output);
    stmt_bind_int(q, 26, job->availability_seconds);
    if (job->initial_model)
        stmt_bind_int(q, 27, job->initial_model);
}

static bool insert_row(struct db *db, struct job *job, struct error *err)
{
    static const char sql[] =
        "INSERT INTO job(id, title, instructions, annotators_per_item, open_items, lease_seconds,"
        " consolidation, auto_advance, auto_enabled, auto_target, auto_max_human, auto_max_share,"
        " auto_all, modified, label_set_version, instructions_version, name, name_key, type, state,"
        " label_attribute, created_by, created, description, output, availability_seconds,"
        " initial_model)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
        " ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27) ON CONFLICT(name_key) DO NOTHING";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(job->name);
    bool ok;

    stmt_bind_null(q, 1);
    bind_settings(q, job);
    stmt_bind_text(q, 17, job->name);
    stmt_bind_text(q, 18, key);
    stmt_bind_text(q, 19, job->type);
    stmt_bind_int(q, 20, job->state);
    stmt_bind_text(q, 21, job->label_attribute);
    if (job->created_by)
        stmt_bind_int(q, 22, job->created_by);
    stmt_bind_int(q, 23, job->created);
    ok = stmt_run(q, err);
    free(key);
    if (ok && db_changes(db) == 0)
        return error_set(err, 409, "job.name_taken", "name", "There already is a job \"%s\".",
                         job->name);
    job->id = db_last_id(db);
    return ok;
}

bool job_insert(struct db *db, struct job *job, const char *labels_json, struct error *err)
{
    static const char count_sql[] = "INSERT INTO job_count(job) VALUES(?1)";
    struct stmt *q;

    job->created = job->modified = clock_now_us();
    if (!insert_row(db, job, err))
        return false;
    q = db_stmt(db, count_sql);
    stmt_bind_int(q, 1, job->id);
    return stmt_run(q, err) &&
           label_set_insert(db, job->id, job->label_set_version, labels_json, err);
}

/* `name` is what was looked for, for the sentence. */
static bool read_one(struct stmt *q, const char *name, struct arena *a, struct job *out,
                     struct error *err)
{
    bool found = stmt_row(q);

    if (found)
        read_job(q, a, out);
    return stmt_done(q, err) &&
           (found || error_not_found(err, "job", "There is no job \"%.100s\".", name));
}

static bool by_id(struct db *db, const char *sql, int64_t id, struct arena *a, struct job *out,
                  struct error *err)
{
    struct stmt *q = db_stmt(db, sql);
    char name[32];

    if (!db_sums_write(db, err)) /* the row has counters */
        return false;
    stmt_bind_int(q, 1, id);
    snprintf(name, sizeof name, "job_%lld", (long long)id);
    return read_one(q, name, a, out, err);
}

bool job_get(struct db *db, int64_t id, struct arena *a, struct job *out, struct error *err)
{
    static const char sql[] = "SELECT " JOB_COLUMNS JOB_TABLES "WHERE job.id = ?1";

    return by_id(db, sql, id, a, out, err);
}

bool job_get_bare(struct db *db, int64_t id, struct arena *a, struct job *out, struct error *err)
{
    static const char sql[] = "SELECT " JOB_BARE_COLUMNS JOB_TABLES "WHERE job.id = ?1";

    return by_id(db, sql, id, a, out, err);
}

bool job_pace(struct db *db, int64_t id, enum job_state *state, int64_t *lease_seconds,
              struct error *err)
{
    static const char sql[] = "SELECT state, lease_seconds FROM job WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, id);
    found = stmt_row(q);
    if (found) {
        *state = (enum job_state)row_int(q, 0);
        *lease_seconds = row_int(q, 1);
    }
    return stmt_done(q, err) &&
           (found || error_not_found(err, "job", "There is no job_%lld.", (long long)id));
}

bool job_by_name(struct db *db, const char *name, struct arena *a, struct job *out,
                 struct error *err)
{
    static const char sql[] = "SELECT " JOB_COLUMNS JOB_TABLES "WHERE job.name_key = ?1";
    struct stmt *q = db_stmt(db, sql);
    char *key = name_key(name);
    bool ok;

    stmt_bind_text(q, 1, key);
    ok = read_one(q, name, a, out, err);
    free(key);
    return ok;
}

/* A person may label a job that names nobody and no team, or that names the person or a team of
 * the person's. */
#define MAY_LABEL(person)                                                                          \
    "((NOT EXISTS(SELECT 1 FROM job_person p WHERE p.job = job.id)"                               \
    "  AND NOT EXISTS(SELECT 1 FROM job_team t WHERE t.job = job.id))"                            \
    " OR EXISTS(SELECT 1 FROM job_person p WHERE p.job = job.id AND p.person = " person ")"       \
    " OR EXISTS(SELECT 1 FROM job_team t JOIN team_member m ON m.team = t.team"                   \
    "  WHERE t.job = job.id AND m.person = " person "))"

bool job_list(struct db *db, const struct job_filter *f, struct arena *a, struct job **out,
              int *count, struct error *err)
{
    static const char sql[] =
        "SELECT " JOB_COLUMNS JOB_TABLES
        "WHERE (?1 = 0 OR job.id < ?1) AND (?2 < 0 OR job.state = ?2)"
        " AND (?3 IS NULL OR job.type = ?3)"
        " AND (?4 IS NULL OR instr(job.name_key, ?4) > 0 OR instr(job.title, ?5) > 0)"
        " AND (?6 = 0 OR (job.state IN (1, 2) AND " MAY_LABEL("?6") "))"
        " ORDER BY job.id DESC LIMIT ?7";
    struct stmt *q = db_stmt(db, sql);
    char *key = f->text ? name_key(f->text) : NULL;
    int capacity = 0;
    bool ok;

    *out = NULL;
    *count = 0;
    stmt_bind_int(q, 1, f->before);
    stmt_bind_int(q, 2, f->state);
    stmt_bind_text(q, 3, f->type);
    stmt_bind_text(q, 4, key);
    stmt_bind_text(q, 5, f->text);
    stmt_bind_int(q, 6, f->person);
    stmt_bind_int(q, 7, f->limit);
    while (stmt_row(q))
        read_job(q, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    ok = stmt_done(q, err);
    free(key);
    return ok;
}

bool job_may_label(struct db *db, int64_t job, int64_t person, bool *may, struct error *err)
{
    static const char sql[] = "SELECT " MAY_LABEL("?2") " FROM job WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);
    int64_t yes = 0;

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, person);
    if (stmt_row(q))
        yes = row_int(q, 0);
    *may = yes != 0;
    return stmt_done(q, err);
}

bool job_update(struct db *db, const struct job *job, struct error *err)
{
    static const char sql[] =
        "UPDATE job SET title = ?2, instructions = ?3, annotators_per_item = ?4, open_items = ?5,"
        " lease_seconds = ?6, consolidation = ?7, auto_advance = ?8, auto_enabled = ?9,"
        " auto_target = ?10, auto_max_human = ?11, auto_max_share = ?12, auto_all = ?13,"
        " modified = ?14, label_set_version = ?15, instructions_version = ?16, description = ?24,"
        " output = ?25, availability_seconds = ?26, initial_model = ?27 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job->id);
    bind_settings(q, job);
    db_touch(db, TOUCH_JOB, job->id);
    return rows_changed(db, stmt_run(q, err), "job", err);
}

bool job_set_state(struct db *db, int64_t id, enum job_state state, const char *failure,
                   struct error *err)
{
    static const char sql[] =
        "UPDATE job SET state = ?2, failure = ?3, modified = ?4,"
        " started = CASE WHEN ?2 = 1 AND started = 0 THEN ?4 ELSE started END,"
        " finished = CASE WHEN ?2 IN (3, 4, 6) THEN ?4 ELSE 0 END WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, state);
    stmt_bind_text(q, 3, failure);
    stmt_bind_int(q, 4, clock_now_us());
    db_touch(db, TOUCH_JOB, id);
    return rows_changed(db, stmt_run(q, err), "job", err);
}

bool job_add_lines(struct db *db, int64_t id, int64_t lines, struct error *err)
{
    static const char sql[] = "UPDATE job SET next_line = next_line + ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, lines);
    return stmt_run(q, err);
}

bool job_set_filled(struct db *db, int64_t id, int64_t filled, struct error *err)
{
    static const char sql[] = "UPDATE job SET filled = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, filled);
    return stmt_run(q, err);
}

bool job_set_loop(struct db *db, int64_t id, const char *json, struct error *err)
{
    static const char sql[] = "UPDATE job SET loop = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, json);
    return stmt_run(q, err);
}

bool job_set_note(struct db *db, int64_t id, const char *text, struct error *err)
{
    static const char sql[] = "UPDATE job SET failure = ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_text(q, 2, text);
    return stmt_run(q, err);
}

bool job_set_fitted(struct db *db, int64_t id, int64_t answers, bool final, struct error *err)
{
    static const char sql[] = "UPDATE job SET fitted_answers = ?2, reconsolidated = ?3"
                              " WHERE id = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, answers);
    stmt_bind_int(q, 3, final);
    return stmt_run(q, err);
}

bool job_count_add(struct db *db, int64_t id, const struct job_counts *d, struct error *err)
{
    static const char sql[] =
        "UPDATE job_count SET waiting = waiting + ?2, open = open + ?3, answered = answered + ?4,"
        " human = human + ?5, machine = machine + ?6, failed = failed + ?7,"
        " answers = answers + ?8, skips = skips + ?9, provisional = provisional + ?10"
        " WHERE job = ?1";
    const int64_t add[] = {d->waiting, d->open,    d->answered, d->human,      d->machine,
                           d->failed,  d->answers, d->skips,    d->provisional};

    return db_sum(db, sql, id, add, 9, err);
}

bool job_count_full(struct db *db, int64_t id, struct job_counts *out, struct error *err)
{
    static const char sql[] =
        "SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1),"
        " count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3),"
        " count(*) FILTER (WHERE state = 4), count(*) FILTER (WHERE state = 5),"
        " (SELECT count(*) FROM answer WHERE job = ?1 AND status = 0),"
        " (SELECT count(*) FROM slot WHERE item BETWEEN ?2 AND ?3 AND state = 3),"
        " (SELECT count(*) FROM guess JOIN item AS i ON i.id = guess.item"
        "  WHERE guess.item BETWEEN ?2 AND ?3 AND i.state < 3)"
        " FROM item WHERE id BETWEEN ?2 AND ?3";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    stmt_bind_int(q, 2, item_id(id, 0));
    stmt_bind_int(q, 3, item_last(id));
    if (stmt_row(q))
        read_counts(q, 0, out);
    return stmt_done(q, err);
}

bool label_set_insert(struct db *db, int64_t job, int64_t version, const char *json,
                      struct error *err)
{
    static const char sql[] = "INSERT INTO label_set VALUES(?1, ?2, ?3, ?4)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, version);
    stmt_bind_text(q, 3, json);
    stmt_bind_int(q, 4, clock_now_us());
    db_touch(db, TOUCH_JOB, job);
    return stmt_run(q, err);
}

bool label_set_get(struct db *db, int64_t job, int64_t version, struct arena *a, const char **json,
                   struct error *err)
{
    static const char sql[] = "SELECT labels FROM label_set WHERE job = ?1 AND version = ?2";
    struct stmt *q = db_stmt(db, sql);
    bool found;

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, version);
    found = stmt_row(q);
    if (found)
        *json = arena_strdup(a, row_text(q, 0));
    return stmt_done(q, err) &&
           (found || error_not_found(err, "label_set", "The job has no label set %lld.",
                                     (long long)version));
}
