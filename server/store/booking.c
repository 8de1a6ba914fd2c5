/* booking.c - who answered how much and when: counters that follow the answers by a mark.
 *
 * Four counters for every answer would cost more than the answer. They are brought up to date a few
 * times a second instead, all answers since the mark at once, in one transaction with the mark: a
 * crash leaves them behind by a moment, never wrong. */
#include "plumbline/base/clock.h"
#include "plumbline/store/work.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 2000 };

struct entry {
    int64_t job, person, minute, count, active_ms, answer, item;
};

static bool add_activity(struct db *db, int64_t job, int64_t person, int64_t hour, int64_t answers,
                         int64_t active_ms, struct error *err)
{
    static const char sql[] =
        "INSERT INTO activity VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(job, hour, person)"
        " DO UPDATE SET answers = answers + ?4, active_ms = active_ms + ?5";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, hour);
    stmt_bind_int(q, 3, person);
    stmt_bind_int(q, 4, answers);
    stmt_bind_int(q, 5, active_ms);
    return stmt_run(q, err);
}

static bool add_pulse(struct db *db, int64_t job, int64_t minute, int64_t answers, int64_t machine,
                      struct error *err)
{
    static const char sql[] =
        "INSERT INTO pulse VALUES(?1, ?2, ?3, ?4) ON CONFLICT(job, minute)"
        " DO UPDATE SET answers = answers + ?3, machine = machine + ?4";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, minute);
    stmt_bind_int(q, 3, answers);
    stmt_bind_int(q, 4, machine);
    return stmt_run(q, err);
}

static bool add_annotator(struct db *db, const struct entry *e, struct error *err)
{
    static const char annotator[] =
        "INSERT INTO annotator(job, person, answers, active_ms) VALUES(?1, ?2, ?3, ?4)"
        " ON CONFLICT(job, person) DO UPDATE SET answers = answers + ?3,"
        " active_ms = active_ms + ?4";
    static const char person[] = "UPDATE person SET answers = answers + ?2 WHERE id = ?1";
    struct stmt *q = db_stmt(db, annotator);

    stmt_bind_int(q, 1, e->job);
    stmt_bind_int(q, 2, e->person);
    stmt_bind_int(q, 3, e->count);
    stmt_bind_int(q, 4, e->active_ms);
    if (!stmt_run(q, err))
        return false;
    q = db_stmt(db, person);
    stmt_bind_int(q, 1, e->person);
    stmt_bind_int(q, 2, e->count);
    return stmt_run(q, err);
}

/* An answer taken back leaves its item in `answered`: who reads that asks slot as well. */
static bool add_answer(struct db *db, const struct entry *e, struct error *err)
{
    static const char newest[] = "INSERT INTO answer_by VALUES(?1, ?2)";
    static const char lines[] = "INSERT OR IGNORE INTO answered VALUES(?1, ?2)";
    struct stmt *q = db_stmt(db, newest);

    stmt_bind_int(q, 1, e->person);
    stmt_bind_int(q, 2, e->answer);
    if (!stmt_run(q, err))
        return false;
    q = db_stmt(db, lines);
    stmt_bind_int(q, 1, e->person);
    stmt_bind_int(q, 2, e->item);
    return stmt_run(q, err);
}

/* ---- sums of a batch ---- */

static int by_person(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return x->job != y->job         ? (x->job < y->job ? -1 : 1)
           : x->person != y->person ? (x->person < y->person ? -1 : 1)
                                    : (x->minute > y->minute) - (x->minute < y->minute);
}

static int by_minute(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return x->job != y->job ? (x->job < y->job ? -1 : 1)
                            : (x->minute > y->minute) - (x->minute < y->minute);
}

static bool book_people(struct db *db, const struct entry *v, size_t n, struct error *err)
{
    for (size_t i = 0, next; i < n; i = next) {
        struct entry person = v[i];
        int64_t hour = v[i].minute / 60;
        struct entry hours = v[i];

        for (next = i + 1; next < n && v[next].job == person.job && v[next].person == person.person;
             next++) {
            person.count += v[next].count;
            person.active_ms += v[next].active_ms;
            if (v[next].minute / 60 != hour) {
                if (!add_activity(db, hours.job, hours.person, hour, hours.count, hours.active_ms,
                                  err))
                    return false;
                hours = v[next];
                hour = v[next].minute / 60;
                continue;
            }
            hours.count += v[next].count;
            hours.active_ms += v[next].active_ms;
        }
        if (!add_activity(db, hours.job, hours.person, hour, hours.count, hours.active_ms, err) ||
            !add_annotator(db, &person, err))
            return false;
    }
    return true;
}

static bool book_minutes(struct db *db, const struct entry *v, size_t n, struct error *err)
{
    for (size_t i = 0, next; i < n; i = next) {
        int64_t count = v[i].count;

        for (next = i + 1; next < n && by_minute(&v[next], &v[i]) == 0; next++)
            count += v[next].count;
        if (!add_pulse(db, v[i].job, v[i].minute, count, 0, err))
            return false;
    }
    return true;
}

static bool book(struct db *db, struct entry *v, size_t n, struct error *err)
{
    qsort(v, n, sizeof *v, by_person);
    for (size_t i = 0; i < n; i++)
        if (v[i].answer && !add_answer(db, &v[i], err))
            return false;
    if (!book_people(db, v, n, err))
        return false;
    qsort(v, n, sizeof *v, by_minute);
    return book_minutes(db, v, n, err);
}

/* ---- the mark ---- */

static bool get_mark(struct db *db, int64_t *mark, struct error *err)
{
    static const char sql[] = "SELECT answer FROM booked";

    *mark = 0;
    return stmt_int(db_stmt(db, sql), mark, err) || err->status == 0;
}

static bool set_mark(struct db *db, int64_t mark, struct error *err)
{
    static const char sql[] = "UPDATE booked SET answer = ?1";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, mark);
    return stmt_run(q, err);
}

bool answer_book(struct db *db, int limit, bool *more, struct error *err)
{
    static const char sql[] = "SELECT id, job, person, created, active_ms, status, item FROM answer"
                              " WHERE id > ?1 ORDER BY id LIMIT ?2";
    struct stmt *q = db_stmt(db, sql);
    struct entry v[BATCH];
    int64_t mark;
    size_t n = 0;
    int rows = 0;

    limit = limit < BATCH ? limit : BATCH;
    *more = false;
    if (!get_mark(db, &mark, err))
        return false;
    stmt_bind_int(q, 1, mark);
    stmt_bind_int(q, 2, limit);
    for (; stmt_row(q); rows++) {
        mark = row_int(q, 0);
        if (row_int(q, 5) == ANSWER_COUNTS)
            v[n++] = (struct entry){row_int(q, 1), row_int(q, 2), row_int(q, 3) / (60 * SECOND_US),
                                    1, row_int(q, 4), mark, row_int(q, 6)};
    }
    *more = rows == limit;
    return stmt_done(q, err) && (rows == 0 || (book(db, v, n, err) && set_mark(db, mark, err)));
}

bool answer_unbook(struct db *db, const struct answer *a, struct error *err)
{
    struct entry e = {a->job, a->person, a->created / (60 * SECOND_US), -1, -a->active_ms, 0, 0};
    int64_t mark;

    return get_mark(db, &mark, err) && (a->id > mark || book(db, &e, 1, err));
}

bool answer_unbooked(struct db *db, bool *any, struct error *err)
{
    static const char sql[] = "SELECT coalesce((SELECT max(id) FROM answer), 0) > answer FROM booked";
    struct stmt *q = db_stmt(db, sql);

    *any = stmt_row(q) && row_int(q, 0);
    return stmt_done(q, err);
}

bool answer_beyond(struct db *db, int64_t person, int64_t job, int64_t *count, struct error *err)
{
    static const char sql[] =
        "SELECT count(*) FROM answer WHERE id > (SELECT answer FROM booked) AND person = ?1"
        " AND status = 0 AND (?2 = 0 OR job = ?2)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, person);
    stmt_bind_int(q, 2, job);
    return stmt_int(q, count, err);
}

bool machine_book(struct db *db, int64_t job, int64_t when, int64_t items, struct error *err)
{
    return add_activity(db, job, 0, when / (3600 * SECOND_US), items, 0, err) &&
           add_pulse(db, job, when / (60 * SECOND_US), 0, items, err);
}
