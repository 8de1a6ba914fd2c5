/* Rows of output trees: what is delivered when, which answers a label was made of, which iteration an
 * item belongs to; and the names that workers have. */
#include "../check.h"
#include "../../../server/engine/round_files.h"
#include "../../../server/engine/workers.h"
#include "plumbline/store/items.h"
#include "plumbline/store/outputs.h"
#include "plumbline/store/schema.h"

#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

static struct db *db;
static struct arena arena;
static struct error err;

static void must(const char *sql)
{
    if (!db_script(db, sql, &err))
        CHECK_TEXT("sql", err.message, "");
}

/* Job 1 with two items; labels 1 and 2 by people, 3 by the machine, 4 supersedes 1. */
static void fill(void)
{
    must("INSERT INTO job(id, name, name_key, title, type, state, label_attribute,"
         " label_set_version, instructions, annotators_per_item, open_items, lease_seconds,"
         " consolidation, auto_advance, auto_enabled, auto_target, auto_max_human,"
         " auto_max_share, auto_all, created, modified, output) VALUES(1, 'j', 'j', 'j',"
         " 'text-classification', 1, 'label', 1, '', 2, 10, 60, 0, 1, 0, 0.9, 0, 0, 0, 1, 7,"
         " 's3://b/out')");
    must("INSERT INTO label(id, item, job, origin, class, posterior, confidence, method, answers,"
         " label_set_version, created, previous) VALUES"
         "(1, 4294967296, 1, 1, 0, 0.9, 0.9, 0, 2, 1, 100, NULL),"
         "(2, 4294967297, 1, 1, 1, 0.8, 0.8, 0, 1, 1, 110, NULL),"
         "(3, 4294967298, 1, 2, 1, 0.8, 0.8, 0, 0, 1, 120, NULL),"
         "(4, 4294967296, 1, 1, 1, 0.6, 0.6, 0, 2, 2, 130, 1)");
    must("INSERT INTO answer(id, item, person, job, status, class, body, label_set_version,"
         " accepted, created, elapsed_ms, active_ms) VALUES"
         "(1, 4294967296, 5, 1, 0, 0, '{}', 1, 50, 60, 1, 1),"
         "(2, 4294967296, 3, 1, 0, 1, '{}', 1, 40, 900, 1, 1)," /* by a clock that ran ahead */
         "(3, 4294967296, 4, 1, 0, 1, '{}', 1, 41, 140, 1, 1)");
    must("INSERT INTO slot(item, person, job, state, since, until, answer) VALUES"
         "(4294967296, 5, 1, 2, 0, 0, 1), (4294967296, 3, 1, 2, 0, 0, 2),"
         "(4294967296, 4, 1, 2, 0, 0, 3)");
}

static void test_labels(void)
{
    struct label_mark marks[8];
    struct delivery d = {.job = 1, .number = 1, .iteration = 1, .first = 1, .last = 4,
                         .created = 200};
    struct delivered *v;
    struct scanned_answer *answers;
    int64_t created = 0;
    int n;

    CHECK("marks", label_marks(db, 1, 1, 8, marks, &n, &err));
    CHECK_INT("  those after", n, 3);
    CHECK("  by people or not", marks[0].human && !marks[1].human && marks[2].human);
    CHECK("labels of a delivery", delivery_labels(db, &d, &arena, &v, &n, &err));
    CHECK_INT("  are those by people", n, 3);
    CHECK("  one of them again", !v[0].again && !v[1].again && v[2].again);
    CHECK_INT("  with the version they were made with", v[2].label_set_version, 2);
    CHECK("answers of a label",
          answers_first(db, v[0].item, v[0].answers, &arena, &answers, &n, &err));
    CHECK_INT("  are those that it was made of", n, 2);
    CHECK("  in the order in which they came, whatever the clock said",
          answers[0].person == 5 && answers[1].person == 3);
    CHECK("the first label by people", label_first_by_people(db, 4, &created, &err));
    CHECK_INT("  is the oldest of the chain", created, 100);
}

static void test_rows(void)
{
    struct delivery d = {.job = 1, .number = 1, .iteration = 1, .first = 1, .last = 3,
                         .created = 200}, got;
    struct output_wish *wishes;
    struct output_row row;
    int64_t *numbers;
    bool found, any;
    int n;

    CHECK("a job with a bucket wants its tree", output_wishes(db, &arena, &wishes, &n, &err));
    CHECK_INT("  it alone", n, 1);
    CHECK_TEXT("  there", wishes[0].uri, "s3://b/out");
    CHECK("nothing is written yet", output_get(db, 1, &arena, &row, &err) && row.label == 0);
    CHECK("a delivery", delivery_insert(db, &d, &err));
    CHECK("  moves the mark", output_get(db, 1, &arena, &row, &err) && row.label == 3);
    CHECK("  is open", delivery_open(db, 1, &got, &found, &err) && found && got.last == 3);
    CHECK("  until it is written", delivery_set_written(db, &d, &err) &&
                                       delivery_open(db, 1, &got, &found, &err) && !found);
    CHECK("  is the newest", delivery_newest(db, 1, &got, &found, &err) && found && got.written);
    CHECK("iterations since", delivery_iterations(db, 1, 200, &arena, &numbers, &n, &err));
    CHECK_INT("  one", n, 1);
    CHECK("  none later", delivery_iterations(db, 1, 201, &arena, &numbers, &n, &err) && n == 0);
    CHECK("trouble", output_set_problem(db, 1, "gone", 300, &err) &&
                         output_get(db, 1, &arena, &row, &err));
    CHECK_TEXT("  is kept", row.problem, "gone");
    CHECK("  nobody waits for it", output_unfinished(db, &any, &err) && !any);
    CHECK("  until it is over", output_set_problem(db, 1, NULL, 0, &err) &&
                                    output_unfinished(db, &any, &err) && any);
    CHECK("done", output_set_manifest(db, &(struct output_row){.job = 1, .manifest = 400, .done = 400,
                                                               .shown = 3, .failed = 2}, &err) &&
                      output_wishes(db, &arena, &wishes, &n, &err));
    CHECK_INT("  but for a label that came since", n, 1);
    CHECK("  which is delivered", output_set_label(db, 1, 4, &err) &&
                                      output_get(db, 1, &arena, &row, &err) && row.done == 0);
    CHECK("  what the manifest had is known", row.manifest == 400 && row.shown == 3 && row.failed == 2);
    row.manifest = row.done = 500;
    CHECK("  and the tree done again", output_set_manifest(db, &row, &err) &&
                                           output_wishes(db, &arena, &wishes, &n, &err) && n == 0);
    CHECK("a job that is being deleted wants nothing", output_forget(db, 1, &err));
    CHECK("no row is made for a job that is gone",
          output_set_problem(db, 99, "x", 1, &err) && output_get(db, 99, &arena, &row, &err) &&
              !row.problem);
}

static void test_iterations(void)
{
    const struct round_row rounds[] = {{.number = 1, .created = 100}, {.number = 2, .created = 200}};

    CHECK_INT("before any round", round_iteration(rounds, 2, 99), 1);
    CHECK_INT("when one is finished", round_iteration(rounds, 2, 100), 2);
    CHECK_INT("after the last", round_iteration(rounds, 2, 900), 3);
    CHECK_INT("without any", round_iteration(NULL, 0, 900), 1);
}

static void test_workers(const char *folder)
{
    struct vault *vault = vault_open(folder, &err);
    struct service service = {.vault = vault, .config = {.aws_region = "eu-west-1"}};
    struct workers w = {.service = &service}, again = {.service = &service};
    const struct scanned_answer one = {.person = 1, .class_index = 0},
                                other = {.person = 1 + WORKERS_KEPT, .class_index = 0};
    struct export_answer a = worker_answer(&w, &one, &arena), b = worker_answer(&w, &other, &arena),
                         c = worker_answer(&w, &one, &arena),
                         d = worker_answer(&again, &one, &arena);

    CHECK("a worker's name", strncmp(a.worker, "private.eu-west-1.", 18) == 0 &&
                                 strlen(a.worker) == 34);
    CHECK_INT("  a UUID", strlen(a.sub), 36);
    CHECK("  of version 8", a.sub[14] == '8');
    CHECK("  others have others", strcmp(a.worker, b.worker) != 0 && strcmp(a.sub, b.sub) != 0);
    CHECK_TEXT("  always the same", c.worker, a.worker);
    CHECK_TEXT("  also after a start", d.sub, a.sub);
    vault_free(vault);
}

int main(void)
{
    char folder[] = "/tmp/plumbline-test-XXXXXX", path[100], command[100];

    if (sodium_init() < 0 || !mkdtemp(folder))
        return 1;
    arena_init(&arena);
    snprintf(path, sizeof path, "%s/plumbline.db", folder);
    db = db_open(path, DB_WRITE, &err);
    CHECK("a database", db && schema_migrate(db, &err));
    fill();
    test_labels();
    test_rows();
    test_iterations();
    test_workers(folder);
    CHECK_TEXT("no error was left", err.message, "");
    db_close(db);
    arena_release(&arena);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CHECK("cleaned up", system(command) == 0);
    return check_done();
}
