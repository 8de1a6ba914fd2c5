/* counters.c - the counters of migrations/ in one table: how each is counted the long way, and how it
 * is put right (one that has no repair is put right by the row before it). A check gives a row for
 * each fault: subject, what is kept, what is counted. */
#include "plumbline/store/counters.h"

#include "plumbline/store/jobs.h"

#include <stddef.h>

enum { REPAIRS_MAX = 3 };

struct counter {
    const char *name, *check, *repair[REPAIRS_MAX];
};

/* The items of job_count's row c, in the order of ids. */
#define ITEMS_OF_C                                                                                 \
    "item.id BETWEEN c.job << 32 AND (c.job << 32) + 4294967295"

/* Counted by state, a row a job: joined in the order of the jobs, so that nothing is sorted. */
#define STATES                                                                                     \
    "SELECT c.job AS job, sum(state = 0) AS waiting, sum(state = 1) AS open,"                      \
    " sum(state = 2) AS answered, sum(state = 3) AS human, sum(state = 4) AS machine,"             \
    " sum(state = 5) AS failed, count(*) AS lines FROM job_count AS c JOIN item ON " ITEMS_OF_C    \
    " GROUP BY c.job"
#define STATE_ROW(name)                                                                            \
    "SELECT k.job, '" name "' AS name, k." name " AS kept, coalesce(t." name ", 0) AS counted"     \
    " FROM job_count AS k LEFT JOIN t ON t.job = k.job"

/* job_count.`column` against rows of (job, n). */
#define JOB_CHECK(column, counted)                                                                 \
    "SELECT 'job_' || c.job, c." column ", coalesce(t.n, 0) FROM job_count AS c LEFT JOIN ("       \
    counted ") AS t ON t.job = c.job WHERE c." column " <> coalesce(t.n, 0)"
#define JOB_REPAIR(column, counted)                                                                \
    "UPDATE job_count SET " column " = coalesce((SELECT t.n FROM (" counted                        \
    ") AS t WHERE t.job = job_count.job), 0)"

#define ANSWERS "SELECT job, count(*) AS n FROM answer WHERE status = 0 GROUP BY job"
#define SKIPS "SELECT job, count(*) AS n FROM slot WHERE state = 3 GROUP BY job"
#define GUESSES                                                                                    \
    "SELECT guess.job, count(*) AS n FROM guess JOIN item ON item.id = guess.item"                 \
    " WHERE item.state < 3 GROUP BY guess.job"
#define CLASSES                                                                                    \
    "SELECT id >> 32 AS job, class, sum(state = 3) AS human, sum(state = 4) AS machine FROM item"  \
    " WHERE class IS NOT NULL AND state IN (3, 4) GROUP BY 1, 2"
/* The counters of people follow the answers up to a mark: booking.c. */
#define BOOKED " FROM answer WHERE status = 0 AND id <= (SELECT answer FROM booked)"
#define BY_PERSON                                                                                  \
    "SELECT job, person, count(*) AS n, sum(active_ms) AS ms" BOOKED " GROUP BY job, person"
#define SLOTS                                                                                      \
    "SELECT item, sum(state IN (1, 2)) AS taken, sum(state = 2) AS done FROM slot GROUP BY item"
#define FREE_OF_C                                                                                  \
    "(SELECT count(*) FROM item WHERE " ITEMS_OF_C " AND state = 1 AND taken < wanted)"
#define CLASS_CHECK(column)                                                                        \
    "SELECT 'job_' || job || ' class ' || class, sum(kept), sum(counted) FROM ("                   \
    " SELECT job, class, " column " AS kept, 0 AS counted FROM class_count"                        \
    " UNION ALL SELECT job, class, 0, " column " FROM (" CLASSES "))"                              \
    " GROUP BY job, class HAVING sum(kept) <> sum(counted)"
#define ITEM_CHECK(column)                                                                         \
    "SELECT 'job_' || (i.id >> 32) || ' line ' || (i.id & 4294967295), i." column ", s." column    \
    " FROM (" SLOTS ") AS s JOIN item AS i ON i.id = s.item WHERE i." column " <> s." column       \
    " UNION ALL SELECT 'job_' || (id >> 32) || ' line ' || (id & 4294967295), " column ", 0"       \
    " FROM item"                                                                                   \
    " WHERE " column " <> 0 AND NOT EXISTS (SELECT 1 FROM slot WHERE slot.item = item.id)"
#define OF_PERSON "SELECT person, count(*) AS n" BOOKED " GROUP BY person"
/* A person's answers to a job that was deleted are gone and still counted; ids of jobs are never used
 * again, so it is known whether one was. */
#define NO_JOB_DELETED                                                                             \
    "(SELECT count(*) FROM job) = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'job'), 0)"
#define PERSON_IS_WRONG                                                                            \
    "(p.answers < coalesce(t.n, 0) OR (p.answers > coalesce(t.n, 0) AND " NO_JOB_DELETED "))"

static const struct counter counters[] = {
    {"items by state",
     "WITH t AS MATERIALIZED (" STATES ") SELECT 'job_' || job || ' ' || name, kept, counted FROM ("
     STATE_ROW("waiting") " UNION ALL " STATE_ROW("open") " UNION ALL " STATE_ROW("answered")
     " UNION ALL " STATE_ROW("human") " UNION ALL " STATE_ROW("machine") " UNION ALL "
     STATE_ROW("failed") ") WHERE kept <> counted",
     {"UPDATE job_count SET waiting = 0, open = 0, answered = 0, human = 0, machine = 0, failed = 0",
      "UPDATE job_count SET waiting = t.waiting, open = t.open, answered = t.answered,"
      " human = t.human, machine = t.machine, failed = t.failed FROM (" STATES ") AS t"
      " WHERE t.job = job_count.job"}},
    {"lines", "SELECT 'job_' || job.id, job.next_line, coalesce(t.lines, 0) FROM job LEFT JOIN ("
     STATES ") AS t ON t.job = job.id WHERE job.next_line <> coalesce(t.lines, 0)",
     {"UPDATE job SET next_line = coalesce((SELECT 1 + (max(item.id) & 4294967295) FROM item"
      " WHERE item.id BETWEEN job.id << 32 AND (job.id << 32) + 4294967295), 0)"}},
    {"answers", JOB_CHECK("answers", ANSWERS), {JOB_REPAIR("answers", ANSWERS)}},
    {"skips", JOB_CHECK("skips", SKIPS), {JOB_REPAIR("skips", SKIPS)}},
    {"guesses", JOB_CHECK("provisional", GUESSES), {JOB_REPAIR("provisional", GUESSES)}},
    {"people's labels by class", CLASS_CHECK("human"),
     {"DELETE FROM class_count",
      "INSERT INTO class_count(job, class, human, machine) " CLASSES}},
    {"the machine's labels by class", CLASS_CHECK("machine"), {NULL}},
    {"answers of a job's annotators",
     "SELECT 'job_' || job || ', person_' || person, sum(kept), sum(counted) FROM ("
     " SELECT job, person, answers AS kept, 0 AS counted FROM annotator"
     " UNION ALL SELECT job, person, 0, n FROM (" BY_PERSON "))"
     " GROUP BY job, person HAVING sum(kept) <> sum(counted)",
     {"UPDATE annotator SET answers = 0, active_ms = 0",
      "INSERT INTO annotator(job, person, answers, active_ms) SELECT job, person, n, ms FROM ("
      BY_PERSON ") WHERE true ON CONFLICT(job, person) DO UPDATE SET answers = excluded.answers,"
      " active_ms = excluded.active_ms"}},
    {"active time of a job's annotators",
     "SELECT 'job_' || job || ', person_' || person, sum(kept), sum(counted) FROM ("
     " SELECT job, person, active_ms AS kept, 0 AS counted FROM annotator"
     " UNION ALL SELECT job, person, 0, ms FROM (" BY_PERSON "))"
     " GROUP BY job, person HAVING sum(kept) <> sum(counted)",
     {NULL}},
    {"answers by hour",
     "SELECT 'job_' || job || ', person_' || person, sum(kept), sum(counted) FROM ("
     " SELECT job, person, answers AS kept, 0 AS counted FROM activity WHERE person > 0"
     " UNION ALL SELECT job, person, 0, n FROM (" BY_PERSON "))"
     " GROUP BY job, person HAVING sum(kept) <> sum(counted)",
     {"DELETE FROM activity WHERE person > 0",
      "INSERT INTO activity(job, hour, person, answers, active_ms) SELECT job,"
      " created / 60000000 / 60, person, count(*), sum(active_ms)" BOOKED " GROUP BY 1, 2, 3"}},
    {"answers of a person",
     "SELECT 'person_' || p.id, p.answers, coalesce(t.n, 0) FROM person AS p LEFT JOIN (" OF_PERSON
     ") AS t ON t.person = p.id WHERE " PERSON_IS_WRONG,
     {"UPDATE person SET answers = w.n FROM (SELECT p.id, coalesce(t.n, 0) AS n FROM person AS p"
      " LEFT JOIN (" OF_PERSON ") AS t ON t.person = p.id WHERE " PERSON_IS_WRONG ") AS w"
      " WHERE w.id = person.id"}},
    {"people on an item", ITEM_CHECK("taken"),
     {"UPDATE item SET taken = 0, done = 0 WHERE (taken <> 0 OR done <> 0)"
      " AND NOT EXISTS (SELECT 1 FROM slot WHERE slot.item = item.id)",
      "UPDATE item SET taken = s.taken, done = s.done FROM (" SLOTS ") AS s"
      " WHERE s.item = item.id AND (item.taken <> s.taken OR item.done <> s.done)"}},
    {"answers to an item", ITEM_CHECK("done"), {NULL}},
    {"open items with a free place",
     "SELECT 'job_' || c.job, (SELECT count(*) FROM front WHERE front.job = c.job), " FREE_OF_C
     " FROM job_count AS c WHERE " FREE_OF_C
     " <> (SELECT count(*) FROM front JOIN item ON item.id = front.item AND item.rank = front.rank"
     "  WHERE front.job = c.job AND state = 1 AND taken < wanted)"
     " OR " FREE_OF_C " <> (SELECT count(*) FROM front WHERE front.job = c.job)",
     {"DELETE FROM front",
      "INSERT INTO front(job, rank, item) SELECT id >> 32, rank, id FROM item"
      " WHERE state = 1 AND taken < wanted"}},
};

enum { COUNTERS = sizeof counters / sizeof *counters };

static bool check_one(struct db *db, const struct counter *c, counter_found *found, void *context,
                      struct error *err)
{
    struct stmt *q = db_stmt(db, c->check);
    bool ok = true;

    while (ok && stmt_row(q)) {
        struct counter_fault fault = {.counter = c->name,
                                      .subject = row_text(q, 0),
                                      .kept = row_int(q, 1),
                                      .counted = row_int(q, 2)};

        ok = found(context, &fault, err);
    }
    return stmt_done(q, ok ? err : NULL) && ok;
}

bool counters_check(struct db *db, counter_found *found, void *context, int *checked,
                    struct error *err)
{
    *checked = COUNTERS;
    for (int i = 0; i < COUNTERS; i++)
        if (!check_one(db, &counters[i], found, context, err))
            return false;
    return true;
}

bool counters_repair(struct db *db, struct error *err)
{
    for (int i = 0; i < COUNTERS; i++)
        for (int r = 0; r < REPAIRS_MAX && counters[i].repair[r]; r++)
            if (!stmt_run(db_stmt(db, counters[i].repair[r]), err))
                return false;
    return true;
}

bool store_totals(struct db *db, struct store_totals *out, struct error *err)
{
    static const char sql[] =
        "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM job),"
        " coalesce(sum(waiting + open + answered + human + machine + failed), 0),"
        " coalesce(sum(answers), 0), coalesce(sum(human + machine), 0) FROM job_count";
    struct stmt *q = db_stmt(db, sql);

    *out = (struct store_totals){0};
    if (stmt_row(q))
        *out = (struct store_totals){.people = row_int(q, 0), .jobs = row_int(q, 1),
                                     .items = row_int(q, 2), .answers = row_int(q, 3),
                                     .labels = row_int(q, 4)};
    return stmt_done(q, err);
}

bool store_newest_time(struct db *db, int64_t *out, struct error *err)
{
    static const char sql[] =
        "SELECT max((SELECT coalesce(max(created), 0) FROM person),"
        " (SELECT coalesce(max(modified), 0) FROM job),"
        " coalesce((SELECT created FROM answer ORDER BY id DESC LIMIT 1), 0),"
        " coalesce((SELECT created FROM label ORDER BY id DESC LIMIT 1), 0),"
        " (SELECT coalesce(max(created), 0) FROM session))";

    *out = 0;
    return stmt_int(db_stmt(db, sql), out, err);
}

bool store_unfinished(struct db *db, bool *any, struct error *err)
{
    static const char sql[] =
        "SELECT EXISTS(SELECT 1 FROM import WHERE state = 0)"
        " OR EXISTS(SELECT 1 FROM export WHERE state = 0)"
        " OR EXISTS(SELECT 1 FROM job_count AS c JOIN job ON job.id = c.job"
        "  WHERE c.answered > 0 AND job.state NOT IN (?1, ?2))";
    struct stmt *q = db_stmt(db, sql);
    int64_t yes = 0;

    stmt_bind_int(q, 1, JOB_COMPLETED);
    stmt_bind_int(q, 2, JOB_FAILED);
    if (!stmt_int(q, &yes, err))
        return false;
    *any = yes != 0;
    return true;
}

bool store_orphans(struct db *db, int64_t *count, struct error *err)
{
    static const char sql[] = "SELECT count(*) FROM pragma_foreign_key_check";

    *count = 0;
    return stmt_int(db_stmt(db, sql), count, err);
}
