/* The names of backups, which of them go, and when the next is due. */
#include "../../../server/engine/folders.h"
#include "../../../server/engine/schedule.h"
#include "../../../server/engine/shelf.h"
#include "../check.h"
#include "plumbline/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_names(void)
{
    static const struct {
        const char *name;
        int         kind; /* -1: not ours */
        int64_t     seconds;
    } rows[] = {
        {"plumbline-20260731T101500Z.tar", BACKUP_SCHEDULED, 1785492900},
        {"plumbline-20260731T101500Z.tar.gz", BACKUP_SCHEDULED, 1785492900},
        {"plumbline-20260731T101500Z-2.tar.zst", BACKUP_SCHEDULED, 1785492900},
        {"plumbline-now-20260731T101500Z.tar.zst", BACKUP_BY_HAND, 1785492900},
        {"plumbline-before-0004-20260731T101500Z.db", BACKUP_MIGRATION, 1785492900},
        {"plumbline-20240229T235959Z.tar", BACKUP_SCHEDULED, 1709251199},
        {"plumbline-20260731T101500Z.tar.bz2", -1, 0},
        {"plumbline-20260731T101500Z.tar.gz.old", -1, 0},
        {"plumbline-20260731T101500Z.db", -1, 0},
        {"plumbline-before-0004-20260731T101500Z.tar", -1, 0},
        {"plumbline-before-4-20260731T101500Z.db", -1, 0},
        {"plumbline-20261331T101500Z.tar", -1, 0},
        {"plumbline-20260731T241500Z.tar", -1, 0},
        {"plumbline-2026-07-31.tar", -1, 0},
        {"plumbline-20260731T101500Z-.tar", -1, 0},
        {"plumbline-20260731T101500Z-1234567.tar", -1, 0},
        {".plumbline-20260731T101500Z.tar", -1, 0},
        {"plumbline-stream-20260731T101500Z.tar", -1, 0},
        {"photos.tar", -1, 0},
        {"", -1, 0}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        enum backup_kind kind = BACKUP_STREAM;
        int64_t time = 0;
        bool ours = shelf_parse(rows[i].name, &kind, &time);

        CHECK_INT(rows[i].name, ours ? (int)kind : -1, rows[i].kind);
        if (ours)
            CHECK_INT("its time", time / SECOND_US, rows[i].seconds);
    }
}

static void touch(const char *folder, const char *name)
{
    char path[300];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    if (f)
        fclose(f);
}

static void test_folder(void)
{
    char folder[] = "/tmp/plumbline-shelf-XXXXXX", name[BACKUP_ID_SIZE], other[300];
    struct backup_row *rows;
    struct error err = {0};
    json_t *own;
    int count;

    if (!mkdtemp(folder)) {
        check_skip("a folder of backups", "no temporary folder");
        return;
    }
    shelf_name(folder, BACKUP_SCHEDULED, INT64_C(1785492900) * SECOND_US, 0, BACKUP_ZSTD, name);
    CHECK_TEXT("a name", name, "plumbline-20260731T101500Z.tar.zst");
    touch(folder, name);
    shelf_name(folder, BACKUP_SCHEDULED, INT64_C(1785492900) * SECOND_US, 0, BACKUP_ZSTD, name);
    CHECK_TEXT("the second of one second", name, "plumbline-20260731T101500Z-2.tar.zst");
    touch(folder, "plumbline-20260730T101500Z.tar");
    touch(folder, "plumbline-20260729T101500Z.tar");
    touch(folder, "plumbline-now-20200101T000000Z.tar");
    touch(folder, "plumbline-notes.txt");
    snprintf(other, sizeof other, "%s/plumbline-20190101T000000Z.tar", folder);
    CHECK("a folder with such a name", mkdir(other, 0700) == 0);
    CHECK("scanned", shelf_scan(folder, &rows, &count, &err));
    CHECK_INT("four files are backups", count, 4);
    CHECK_TEXT("the newest first", rows[0].id, "plumbline-20260731T101500Z.tar.zst");
    free(rows);
    own = json_pack("[s]", "plumbline-20260731T101500Z.tar.zst");
    CHECK("retention among its own", shelf_retain(folder, BACKUP_SCHEDULED, 1,
                                                  "plumbline-20260731T101500Z.tar.zst", own, &err));
    json_decref(own);
    CHECK("scanned after it", shelf_scan(folder, &rows, &count, &err));
    CHECK_INT("what others wrote stays", count, 4);
    free(rows);
    CHECK("retention", shelf_retain(folder, BACKUP_SCHEDULED, 2,
                                    "plumbline-20260731T101500Z.tar.zst", NULL, &err));
    CHECK("scanned again", shelf_scan(folder, &rows, &count, &err));
    CHECK_INT("two scheduled ones and the other kind are left", count, 3);
    CHECK_TEXT("the oldest is the one by hand", rows[2].id, "plumbline-now-20200101T000000Z.tar");
    free(rows);
    snprintf(other, sizeof other, "%s/plumbline-notes.txt", folder);
    CHECK("a file that is not ours stays", access(other, F_OK) == 0);
    CHECK("a folder that is not there is empty",
          shelf_scan("/nonexistent/plumbline", &rows, &count, &err) && count == 0);
    touch(folder, ".plumbline-cut.tar");
    shelf_sweep(folder, 3600);
    snprintf(other, sizeof other, "%s/.plumbline-cut.tar", folder);
    CHECK("a fresh half-written file stays", access(other, F_OK) == 0);
    shelf_sweep(folder, 0);
    CHECK("an old one goes", access(other, F_OK) != 0);
    folder_remove(folder);
}

static void test_choice(void)
{
    struct backup_row rows[5] = {{.id = "future"}, {.id = "e"}, {.id = "d"}, {.id = "c"},
                                 {.id = "hand", .kind = BACKUP_BY_HAND}};
    bool drop[5];

    shelf_choose(rows, 5, BACKUP_SCHEDULED, 2, "e", drop);
    CHECK("two are kept", !drop[0] && !drop[1] && drop[2] && drop[3] && !drop[4]);
    /* A clock that was once wrong must not cost the only backup that is known to be whole. */
    shelf_choose(rows, 5, BACKUP_SCHEDULED, 1, "c", drop);
    CHECK("the good one is kept though older", drop[0] && drop[1] && drop[2] && !drop[3]);
    shelf_choose(rows, 5, BACKUP_SCHEDULED, 10, "e", drop);
    CHECK("none goes", !drop[0] && !drop[1] && !drop[2] && !drop[3] && !drop[4]);
}

static void test_schedule(void)
{
    static const int64_t hour = 3600 * SECOND_US, now = INT64_C(1000000) * 3600 * SECOND_US;
    struct backup_schedule s = {.every_hours = 24};

    CHECK_INT("never made: at once", schedule_next(&s, now), now);
    s.last_success = now - hour;
    CHECK_INT("a day after the last", schedule_next(&s, now), now + 23 * hour);
    s.last_success = now - 100 * hour;
    CHECK("missed: at once", schedule_next(&s, now) <= now);
    s.last_success = now + 100 * hour;
    CHECK("the last one in the future: at once", schedule_next(&s, now) <= now);
    s.last_success = now - 100 * hour;
    s.last_failure = now - 60 * SECOND_US;
    CHECK_INT("failed: tried again in a quarter of an hour", schedule_next(&s, now),
              now + 14 * 60 * SECOND_US);
    s.last_success = now - hour;
    s.last_failure = now - 2 * hour;
    CHECK_INT("a failure before the last success does not count", schedule_next(&s, now),
              now + 23 * hour);
}

int main(void)
{
    test_names();
    test_folder();
    test_choice();
    test_schedule();
    return check_done();
}
