/* The writer: a group commits together, a piece fails alone, bulk work waits its turn, and counters
 * are added up once a commit. */
#include "../check.h"
#include "plumbline/base/arena.h"
#include "plumbline/db/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], path[96];

static const char schema[] =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;"
    "CREATE TABLE total(key INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL) STRICT;"
    "INSERT INTO total VALUES(1, 0, 0), (2, 0, 0);";
static const char add_total[] = "UPDATE total SET a = a + ?2, b = b + ?3 WHERE key = ?1";

static int64_t number(const char *sql)
{
    struct error err = {0};
    struct db *db = db_open(path, DB_READ, &err);
    int64_t n = -1;

    if (db)
        stmt_int(db_stmt(db, sql), &n, &err);
    db_close(db);
    return n;
}

static bool insert(struct db *db, int64_t id, struct error *err)
{
    static const char sql[] = "INSERT INTO t VALUES(?1, ?1)";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, id);
    return stmt_run(q, err);
}

/* ---- a group of pieces, queued while the writer is kept busy ---- */

struct piece {
    struct write  write;
    int64_t       id;
    int           runs;
    bool          fail_before, fail_after, done;
    struct error  error;
};

static sem_t started, go, finished;

static bool hold(struct db *db, void *context, struct error *err)
{
    (void)db, (void)context, (void)err;
    sem_post(&started);
    sem_wait(&go);
    return true;
}

static bool run_piece(struct db *db, void *context, struct error *err)
{
    struct piece *p = context;
    const int64_t add[] = {1, p->id};

    p->runs++;
    if (p->fail_before)
        return error_conflict(err, "test.before", "refused before its first change");
    if (!insert(db, p->id, err) || !db_sum(db, add_total, 1, add, 2, err))
        return false;
    return !p->fail_after || error_conflict(err, "test.after", "refused after it");
}

static void piece_done(struct write *w)
{
    struct piece *p = (struct piece *)w;

    p->done = true;
    p->error = w->error;
    sem_post(&finished);
}

static void post_group(struct writer *w, struct piece *v, int n)
{
    struct write blocker = {.run = hold, .done = piece_done};
    struct piece first = {.write = blocker};

    writer_post(w, &first.write, NULL);
    sem_wait(&started);
    for (int i = 0; i < n; i++) {
        v[i].write.run = run_piece;
        v[i].write.context = &v[i];
        v[i].write.done = piece_done;
        writer_post(w, &v[i].write, NULL);
    }
    sem_post(&go);
    for (int i = 0; i < n + 1; i++)
        sem_wait(&finished);
}

static void test_failures(struct writer *w)
{
    struct piece v[6] = {
        {.id = 1, .write.repeatable = true},
        {.id = 2, .write.repeatable = true, .fail_before = true},
        {.id = 3},
        {.id = 4, .write.repeatable = true, .fail_after = true},
        {.id = 5, .fail_after = true},
        {.id = 6, .write.repeatable = true},
    };

    post_group(w, v, 6);
    CHECK_INT("what did not fail is there", number("SELECT group_concat(id, '') FROM t"), 136);
    CHECK_TEXT("a failure before a change is told", v[1].error.code, "test.before");
    CHECK_TEXT("a failure after a change is told", v[3].error.code, "test.after");
    CHECK_TEXT("of a piece that runs once too", v[4].error.code, "test.after");
    CHECK_INT("the others know of nothing", v[0].error.status + v[2].error.status +
              v[5].error.status, 0);
    CHECK_INT("a failure after a change makes the group begin again", v[0].runs, 2);
    CHECK_INT("but not what may run only once", v[2].runs, 1);
    CHECK_INT("counters have what succeeded", number("SELECT a FROM total WHERE key = 1"), 3);
    CHECK_INT("to the last column", number("SELECT b FROM total WHERE key = 1"), 10);
}

static void test_no_second_run(struct writer *w)
{
    struct piece v[3] = {{.id = 11, .write.repeatable = true},
                         {.id = 12, .write.repeatable = true, .fail_before = true},
                         {.id = 13, .write.repeatable = true}};

    post_group(w, v, 3);
    CHECK_INT("a refusal before any change costs the others nothing", v[0].runs + v[2].runs, 2);
    CHECK_INT("and they are there", number("SELECT count(*) FROM t WHERE id > 10"), 2);
}

/* ---- sums ---- */

static bool read_back(struct db *db, void *context, struct error *err)
{
    static const char sql[] = "SELECT a FROM total WHERE key = 2";
    const int64_t add[] = {5, 0};

    return db_sum(db, add_total, 2, add, 2, err) && db_sum(db, add_total, 2, add, 2, err) &&
           db_sums_write(db, err) && stmt_int(db_stmt(db, sql), context, err);
}

static void test_sums(struct writer *w)
{
    struct error err = {0};
    int64_t seen = 0;

    CHECK("sums are written when asked for", writer_call(w, read_back, &seen, &err));
    CHECK_INT("and seen by the same transaction", seen, 10);
    CHECK_INT("and written once", number("SELECT a FROM total WHERE key = 2"), 10);
}

/* ---- what was touched ---- */

static atomic_int heard, heard_key;

static void listen(void *context, const struct touched *t)
{
    (void)context;
    heard += t->n;
    heard_key = (int)t->v[0].key;
}

static bool touch(struct db *db, void *context, struct error *err)
{
    db_touch(db, 3, 77);
    db_touch(db, 3, 77);
    return context == NULL || error_conflict(err, "test.touch", "failed");
}

static void test_touched(struct writer *w)
{
    struct error err = {0};

    writer_call(w, touch, NULL, &err);
    CHECK_INT("the listener hears once of what is touched twice", heard, 1);
    CHECK_INT("with its key", heard_key, 77);
}

/* ---- bulk work and requests ---- */

static atomic_bool stop_bulk;
static atomic_int  bulk_pieces, pressed;

static bool bulk(struct db *db, void *context, struct error *err)
{
    (void)context, (void)err;
    usleep(3000);
    pressed += db_pressed(db);
    bulk_pieces++;
    return true;
}

static void *bulk_main(void *w)
{
    while (!stop_bulk)
        writer_call_low(w, bulk, NULL, NULL);
    return NULL;
}

static bool request(struct db *db, void *context, struct error *err)
{
    (void)db, (void)context, (void)err;
    usleep(200);
    return true;
}

static void request_done(struct write *piece)
{
    (void)piece;
    sem_post(&finished);
}

enum { REQUESTS = 1200 };

static void test_shares(struct writer *w)
{
    static struct write requests[REQUESTS];
    static struct write blocker = {.run = hold, .done = request_done};
    pthread_t bulks[2];
    int during;

    usleep(200000); /* the requests of the tests before are long ago */
    for (int i = 0; i < 2; i++)
        pthread_create(&bulks[i], NULL, bulk_main, w);
    while (bulk_pieces < 5)
        usleep(1000);
    CHECK("bulk work alone is not pressed", pressed == 0);
    writer_post(w, &blocker, NULL); /* all of them are there when the first group is taken */
    sem_wait(&started);
    during = bulk_pieces;
    for (int i = 0; i < REQUESTS; i++) {
        requests[i] = (struct write){.run = request, .done = request_done};
        writer_post(w, &requests[i], NULL);
    }
    sem_post(&go);
    for (int i = 0; i < REQUESTS + 1; i++)
        sem_wait(&finished);
    during = bulk_pieces - during;
    stop_bulk = true;
    for (int i = 0; i < 2; i++)
        pthread_join(bulks[i], NULL);
    CHECK("bulk work gets its share", during > 0);
    CHECK("and no more while requests wait", during < 4); /* there are five groups or more */
    CHECK("and is told that they do", pressed > 0);
}

int main(void)
{
    struct error err = {0};
    struct db *db;
    struct writer *w;

    snprintf(folder, sizeof folder, "/tmp/plumbline-writer-XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/test.db", folder);
    sem_init(&started, 0, 0);
    sem_init(&go, 0, 0);
    sem_init(&finished, 0, 0);
    db = db_open(path, DB_WRITE, &err);
    CHECK("a database", db && db_script(db, schema, &err));
    db_close(db);
    w = writer_start(path, listen, NULL, &err);
    CHECK("a writer", w != NULL);
    test_failures(w);
    test_no_second_run(w);
    test_sums(w);
    test_touched(w);
    test_shares(w);
    writer_stop(w);
    CHECK_INT("all is in the file", number("SELECT count(*) FROM t"), 5);
    unlink(path);
    rmdir(folder);
    return check_done();
}
