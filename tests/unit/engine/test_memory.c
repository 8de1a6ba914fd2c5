/* What the transitions keep in memory: windows of undo, held leases; and the counters that follow the
 * answers by a mark. */
#include "../check.h"
#include "../../../server/engine/held.h"
#include "../../../server/engine/windows.h"
#include "plumbline/base/clock.h"
#include "plumbline/store/items.h"
#include "plumbline/store/schema.h"
#include "plumbline/store/work.h"

#include <stdlib.h>
#include <unistd.h>

static struct db *db;
static struct error err;

static void must(const char *sql)
{
    if (!db_script(db, sql, &err))
        CHECK_TEXT("sql", err.message, "");
}

static int64_t number(const char *sql)
{
    int64_t n = -1;

    stmt_int(db_stmt(db, sql), &n, &err);
    return n;
}

static bool waits(struct windows *w, int64_t now, int64_t item)
{
    struct idmap m = {0};
    bool found;

    windows_waiting(w, now, &m);
    found = idmap_find(&m, item) >= 0;
    idmap_release(&m);
    return found;
}

static void test_windows(void)
{
    struct windows *w;

    must("INSERT INTO item(id, state, wanted) VALUES(4294967301, 2, 1), (4294967302, 1, 1)");
    w = windows_new(db, 100, &err);
    CHECK("what was completed before the start waits for a whole window",
          waits(w, 99, INT64_C(4294967301)));
    CHECK("what is open does not", !waits(w, 99, INT64_C(4294967302)));
    CHECK("the window ends", !waits(w, 100, INT64_C(4294967301)));
    windows_open(w, 7, 50, 200);
    windows_open(w, 3, 51, 210);
    CHECK("a completed item waits", waits(w, 199, 50) && waits(w, 199, 51));
    CHECK("until its time is over", !waits(w, 200, 50) && waits(w, 200, 51));
    windows_open(w, 7, 52, 300);
    CHECK("the next answer ends the window before", !waits(w, 150, 50) && waits(w, 150, 52));
    windows_close(w, 7);
    CHECK("so does one that completes nothing", !waits(w, 150, 52) && waits(w, 150, 51));
    windows_free(w);
}

static void test_held(void)
{
    struct held *h;
    int64_t items[8];

    must("INSERT INTO slot(item, person, job, state, since, until) VALUES"
         "(10, 1, 5, 1, 0, 9), (11, 1, 5, 1, 0, 9), (12, 1, 6, 1, 0, 9), (10, 2, 5, 2, 0, 9)");
    h = held_new(db, &err);
    CHECK_INT("leases are loaded by person and job", held_count(h, 1, 5), 2);
    CHECK_INT("also of another job", held_count(h, 1, 6), 1);
    CHECK_INT("what is answered is not held", held_count(h, 2, 5), 0);
    held_put(h, 2, 5, 13);
    held_put(h, 2, 5, 13);
    CHECK_INT("nothing is held twice", held_items(h, 2, 5, items, 8), 1);
    CHECK_INT("and it is that item", items[0], 13);
    held_drop(h, 1, 10);
    CHECK_INT("one is given up", held_items(h, 1, 5, items, 8), 1);
    CHECK_INT("the other is left", items[0], 11);
    CHECK("nothing happens without a rollback", held_sync(h, db, &err));
    CHECK_INT("as it was", held_count(h, 1, 5), 1);
    db_begin(db, &err);
    db_rollback(db);
    CHECK("after a rollback all is loaded anew", held_sync(h, db, &err));
    CHECK_INT("what was given up in it is held again", held_count(h, 1, 5), 2);
    CHECK_INT("what was taken in it is not", held_count(h, 2, 5), 0);
    held_drop_job(h, 5);
    CHECK_INT("a job goes", held_count(h, 1, 5), 0);
    CHECK_INT("the other stays", held_count(h, 1, 6), 1);
    held_free(h);
}

static const int64_t HOUR = 3600 * SECOND_US;

static int64_t answer(int64_t person, int64_t when, int status)
{
    struct answer a = {.item = 20, .person = person, .job = 5, .status = status, .body = "{}",
                       .active_ms = 100};
    char sql[80];

    answer_insert(db, &a, &err);
    snprintf(sql, sizeof sql, "UPDATE answer SET created = %lld WHERE id = %lld", (long long)when,
             (long long)a.id);
    must(sql);
    return a.id;
}

static void test_booking(void)
{
    struct answer a = {.job = 5, .person = 1, .created = HOUR, .active_ms = 100};
    int64_t beyond;
    bool more, any;

    must("INSERT INTO person(id, name, name_key, role, active, created) VALUES"
         "(1, 'a', 'a', 1, 1, 0), (2, 'b', 'b', 1, 1, 0);"
         "INSERT INTO job(id, name, name_key, title, type, state, label_attribute,"
         " label_set_version, instructions, annotators_per_item, open_items, lease_seconds,"
         " consolidation, auto_advance, auto_enabled, auto_target, auto_max_human, auto_max_share,"
         " auto_all, created, modified) VALUES(5, 'j', 'j', 'j', 't', 1, 'label', 1, '', 1, 1, 30, 0,"
         " 1, 0, 0.9, 0, 0, 0, 0, 0);");
    a.id = answer(1, HOUR, ANSWER_COUNTS);
    answer(2, HOUR, ANSWER_COUNTS);
    answer(1, 2 * HOUR, ANSWER_COUNTS);
    answer(1, 2 * HOUR + 1, ANSWER_COUNTS);
    answer(1, 2 * HOUR, ANSWER_EXTRA);
    CHECK("answers beyond the mark are seen", answer_unbooked(db, &any, &err) && any);
    CHECK("and counted", answer_beyond(db, 1, 0, &beyond, &err));
    CHECK_INT("three of them count", beyond, 3);
    CHECK("some are booked", answer_book(db, 2, &more, &err) && more);
    CHECK_INT("as many as told", number("SELECT sum(answers) FROM person"), 2);
    CHECK("then the rest", answer_book(db, 100, &more, &err) && !more);
    CHECK_INT("a person's", number("SELECT answers FROM person WHERE id = 1"), 3);
    CHECK_INT("an annotator's", number("SELECT answers FROM annotator WHERE person = 1"), 3);
    CHECK_INT("with the time", number("SELECT active_ms FROM annotator WHERE person = 1"), 300);
    CHECK_INT("an hour's", number("SELECT answers FROM activity WHERE person = 1 AND hour = 2"), 2);
    CHECK_INT("a minute's", number("SELECT answers FROM pulse WHERE minute = 60"), 2);
    CHECK_INT("by person", number("SELECT count(*) FROM answer_by WHERE person = 1"), 3);
    CHECK("nothing is left", answer_unbooked(db, &any, &err) && !any);
    CHECK("nothing is booked twice", answer_book(db, 100, &more, &err) && !more);
    CHECK_INT("all in all", number("SELECT sum(answers) FROM person"), 4);
    CHECK("one is taken back", answer_unbook(db, &a, &err));
    CHECK_INT("from its hour", number("SELECT answers FROM activity WHERE person = 1 AND hour = 1"),
              0);
    a.id = answer(2, HOUR, ANSWER_COUNTS);
    a.person = 2;
    CHECK("one that is not booked yet has nothing to take back", answer_unbook(db, &a, &err));
    CHECK_INT("and nothing is", number("SELECT answers FROM person WHERE id = 2"), 1);
}

int main(void)
{
    char path[] = "/tmp/plumbline-memory-XXXXXX", other[64];
    int fd = mkstemp(path);

    if (fd < 0)
        return 1;
    close(fd);
    db = db_open(path, DB_WRITE, &err);
    CHECK("a database", db && schema_migrate(db, &err));
    test_windows();
    test_held();
    test_booking();
    db_close(db);
    unlink(path);
    for (int i = 0; i < 2; i++) {
        snprintf(other, sizeof other, "%s%s", path, i ? "-shm" : "-wal");
        unlink(other);
    }
    return check_done();
}
