/* fill.c - a job of millions of items in seconds: straight into the tables of a stopped service.
 *
 *   fill DB JOB ITEMS LABELLED ANSWERS PERSON PEOPLE
 *
 * Adds ITEMS texts to job number JOB. The first LABELLED of them have ANSWERS answers each (1 at
 * least) by the PEOPLE that begin with person number PERSON, and a label by people; the rest wait.
 * The counters move along: what is filled must pass the same full count as what was worked for.
 *
 * What a filter may look for is sparse as well as dense: of the labelled items ten, evenly spread,
 * have class 2 (the others 0 and 1 in turn), ten a posterior under 0.5 (the others above 0.6), ten an
 * answer by the last person (who has no other), ten are the machine's, and ten contain "needle". */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RARE = 10, CLASSES = 3, NAMES_MAX = 4096, RUN_KEYS = 1000 };

/* enum item_state, slot_state, label_origin of the product */
enum { WAITING = 0, HUMAN = 3, MACHINE = 4, SLOT_ANSWERED = 2 };

struct tally {
    int64_t of[NAMES_MAX]; /* answers by person */
    int64_t human[CLASSES], machine[CLASSES];
    int64_t answers;
};

static struct {
    sqlite3 *db;
    int64_t  job, first_line, items, labelled, answers, person, people, now;
    sqlite3_stmt *item, *payload, *key, *answer, *slot, *label;
    struct tally tally;
} g;

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fill: %s: %s\n", what, g.db ? sqlite3_errmsg(g.db) : "");
    exit(1);
}

static void sql(const char *text)
{
    must(sqlite3_exec(g.db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static sqlite3_stmt *prepare(const char *text)
{
    sqlite3_stmt *q;

    must(sqlite3_prepare_v2(g.db, text, -1, &q, NULL) == SQLITE_OK, text);
    return q;
}

/* Binds whole numbers in turn and runs the statement. */
static void run(sqlite3_stmt *q, int n, const int64_t *v)
{
    for (int i = 0; i < n; i++)
        sqlite3_bind_int64(q, i + 1, v[i]);
    must(sqlite3_step(q) == SQLITE_DONE, sqlite3_sql(q));
    sqlite3_reset(q);
}

#define RUN(q, ...)                                                                                \
    run(q, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__})

static int64_t number(const char *text)
{
    sqlite3_stmt *q = prepare(text);
    int64_t v;

    sqlite3_bind_int64(q, 1, g.job);
    must(sqlite3_step(q) == SQLITE_ROW, text);
    v = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return v;
}

/* One of the ten of its kind? Each kind has ten of its own, spread over the labelled items. */
static int is_rare(int64_t i, int kind)
{
    int64_t step = g.labelled / RARE;

    return step > 8 && i / step < RARE && i % step == step / 2 + kind;
}

static void add_answers(int64_t i, int64_t item, int class_index)
{
    int64_t usual = g.people > 1 ? g.people - 1 : 1;

    for (int64_t k = 0; k < g.answers; k++) {
        int64_t who = is_rare(i, 2) && k == 0 ? g.people - 1 : (i * 7 + k) % usual;
        int64_t given = (i * 31 + k * 17) % 20 == 0 ? (class_index + 1) % CLASSES : class_index;
        int64_t created = g.now - (g.labelled - i) * 1000;

        RUN(g.answer, item, g.person + who, g.job, given, created);
        RUN(g.slot, item, g.person + who, g.job, created, sqlite3_last_insert_rowid(g.db));
        g.tally.of[who]++;
        g.tally.answers++;
    }
}

/* Keys of items lie in runs: hashes of consecutive items behind each other. */
static void add_key(int64_t i, int64_t id)
{
    static int64_t run_of[RUN_KEYS];
    int64_t at = i % RUN_KEYS;

    run_of[at] = (int64_t)((uint64_t)(g.first_line + i) * UINT64_C(0x9e3779b97f4a7c15));
    if (at < RUN_KEYS - 1 && i < g.items - 1)
        return;
    sqlite3_bind_blob(g.key, 2, run_of, (int)((at + 1) * 8), SQLITE_STATIC);
    RUN(g.key, id - at);
}

static void add_item(int64_t i, int64_t id)
{
    int labelled = i < g.labelled, machine = labelled && is_rare(i, 3);
    int class_index = is_rare(i, 0) ? 2 : (int)(i % 2), n;
    double posterior = is_rare(i, 1) ? 0.4 : 0.6 + (double)(i * 7919 % 4000) / 10000;
    char line[200];

    n = snprintf(line, sizeof line, "{\"source\":\"Text number %lld, about as long as a headline "
                                    "with a few more %s behind it\"}", (long long)i,
                 labelled && is_rare(i, 4) ? "needle" : "words");
    sqlite3_bind_text(g.payload, 2, line, n, SQLITE_STATIC);
    RUN(g.payload, id);
    add_key(i, id);
    if (!labelled) {
        sqlite3_bind_null(g.item, 4), sqlite3_bind_null(g.item, 5), sqlite3_bind_null(g.item, 6);
        RUN(g.item, id, WAITING, 0);
        return;
    }
    if (!machine)
        add_answers(i, id, class_index);
    sqlite3_bind_double(g.label, 5, posterior);
    RUN(g.label, id, g.job, machine ? 2 : 1, class_index);
    (machine ? g.tally.machine : g.tally.human)[class_index]++;
    sqlite3_bind_int64(g.item, 4, class_index);
    sqlite3_bind_double(g.item, 5, posterior);
    sqlite3_bind_int64(g.item, 6, sqlite3_last_insert_rowid(g.db));
    RUN(g.item, id, machine ? MACHINE : HUMAN, machine ? 0 : g.answers);
}

static void count(void)
{
    int64_t machine = 0, hour = g.now / INT64_C(3600000000);
    sqlite3_stmt *q;

    for (int k = 0; k < CLASSES; k++) {
        q = prepare("INSERT INTO class_count VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET"
                    " human = human + ?3, machine = machine + ?4");
        RUN(q, g.job, k, g.tally.human[k], g.tally.machine[k]);
        sqlite3_finalize(q);
        machine += g.tally.machine[k];
    }
    for (int64_t who = 0; who < g.people; who++) {
        static const char *const each[] = {
            "INSERT INTO annotator(job, person, answers, active_ms) VALUES(?1, ?2, ?3, ?3 * 700)",
            "UPDATE person SET answers = answers + ?3 WHERE id = ?2 AND ?1 > 0",
            "INSERT INTO activity VALUES(?1, ?4, ?2, ?3, ?3 * 700)"};

        for (int i = 0; i < 3 && g.tally.of[who] > 0; i++) {
            q = prepare(each[i]);
            run(q, i == 2 ? 4 : 3, (int64_t[]){g.job, g.person + who, g.tally.of[who], hour});
            sqlite3_finalize(q);
        }
    }
    q = prepare("INSERT INTO activity VALUES(?1, ?2, 0, ?3, 0)");
    RUN(q, g.job, hour, machine);
    sqlite3_finalize(q);
    q = prepare("INSERT INTO pulse VALUES(?1, ?2, ?3, ?4)");
    RUN(q, g.job, hour * 60, g.tally.answers, machine);
    sqlite3_finalize(q);
    q = prepare("UPDATE job_count SET waiting = waiting + ?2, human = human + ?3,"
                " machine = machine + ?4, answers = answers + ?5 WHERE job = ?1");
    RUN(q, g.job, g.items - g.labelled, g.labelled - machine, machine, g.tally.answers);
    sqlite3_finalize(q);
}

/* Indexes are made when the rows are there: sorting once is quicker than finding a place for each.
 * That of the waiting items only grows at its end. */
static char *forget_indexes(void)
{
    sqlite3_stmt *q = prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS"
                              " NOT NULL AND name <> 'item_waiting' AND"
                              " tbl_name IN ('item', 'answer', 'slot', 'label')");
    char *names = NULL, *kept = NULL;

    while (sqlite3_step(q) == SQLITE_ROW) {
        char *more = sqlite3_mprintf("%z%s;", kept, sqlite3_column_text(q, 1));
        char *drop = sqlite3_mprintf("%zDROP INDEX %s;", names, sqlite3_column_text(q, 0));

        kept = more;
        names = drop;
    }
    sqlite3_finalize(q);
    sql(names ? names : "");
    sqlite3_free(names);
    return kept;
}

static void prepare_all(void)
{
    g.item = prepare("INSERT INTO item(id, state, wanted, taken, done, class, posterior, label)"
                     " VALUES(?1, ?2, max(?3, 1), ?3, ?3, ?4, ?5, ?6)");
    g.payload = prepare("INSERT INTO payload(item, line) VALUES(?1, ?2)");
    g.key = prepare("INSERT INTO key_run VALUES(?1, ?2)");
    g.answer = prepare("INSERT INTO answer(item, person, job, status, class, body,"
                       " label_set_version, accepted, created, elapsed_ms, active_ms)"
                       " VALUES(?1, ?2, ?3, 0, ?4, '{\"label\":\"' || ?4 || '\"}', 1,"
                       " ?5 - 900000, ?5, 900, 700)");
    g.slot = prepare("INSERT INTO slot(item, person, job, state, since, until, answer)"
                     " VALUES(?1, ?2, ?3, 2, ?4, 0, ?5)");
    g.label = prepare("INSERT INTO label(item, job, origin, class, posterior, confidence, method,"
                      " answers, label_set_version, created)"
                      " VALUES(?1, ?2, ?3, ?4, ?5, round(?5, 2), 1, 1, 1, 1767225600000000)");
}

int main(int argc, char **argv)
{
    int64_t first;
    char *indexes, *end;

    must(argc == 8, "usage: fill DB JOB ITEMS LABELLED ANSWERS PERSON PEOPLE");
    g.job = atoll(argv[2]);
    g.items = atoll(argv[3]);
    g.labelled = atoll(argv[4]);
    g.answers = atoll(argv[5]);
    g.person = atoll(argv[6]);
    g.people = atoll(argv[7]);
    g.now = (int64_t)time(NULL) * 1000000;
    must(g.people > 0 && g.people <= NAMES_MAX && g.answers > 0, "1 to 4096 people, 1 answer");
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    must(sqlite3_open_v2(argv[1], &g.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
         SQLITE_OK, argv[1]);
    sql("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
        "PRAGMA cache_size=-64000; PRAGMA temp_store=MEMORY; BEGIN");
    indexes = forget_indexes();
    prepare_all();
    g.first_line = number("SELECT next_line FROM job WHERE id = ?1");
    first = g.job << 32 | g.first_line;
    for (int64_t i = 0; i < g.items; i++)
        add_item(i, first + i);
    count();
    sql("INSERT OR IGNORE INTO answer_by SELECT person, id FROM answer ORDER BY person, id;"
        "INSERT OR IGNORE INTO answered SELECT person, item FROM slot WHERE state = 2"
        " ORDER BY person, item;"
        "UPDATE booked SET answer = coalesce((SELECT max(id) FROM answer), answer)");
    end = sqlite3_mprintf("UPDATE job SET next_line = next_line + %lld, filled = %lld WHERE id = %lld;"
                          "%s COMMIT; PRAGMA journal_mode=WAL", g.items,
                          g.labelled ? first + g.labelled - 1 : 0, g.job, indexes ? indexes : "");
    sql(end);
    sqlite3_free(end);
    sqlite3_free(indexes);
    for (sqlite3_stmt *q; (q = sqlite3_next_stmt(g.db, NULL));)
        sqlite3_finalize(q);
    must(sqlite3_close(g.db) == SQLITE_OK, "close");
    return 0;
}
