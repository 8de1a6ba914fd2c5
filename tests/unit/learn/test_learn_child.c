/* test_learn_child.c - the two children, each forked with a pair of pipes: what they answer, and
 * that a closed pipe or nonsense ends them with an error rather than a hang. */
#include "../check.h"
#include "made_up.h"
#include "plumbline/learn/child.h"
#include "plumbline/learn/feature_file.h"
#include "plumbline/learn/picture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[] = "/tmp/plumbline-child-XXXXXX";

struct process {
    struct learn_child ends;
    pid_t pid;
};

static struct process spawn(int (*entry)(int, int))
{
    struct process p = {0};
    int to[2], from[2];

    if (pipe(to) != 0 || pipe(from) != 0)
        return p;
    p.pid = fork();
    if (p.pid == 0) {
        close(to[1]);
        close(from[0]);
        _exit(entry(to[0], from[1]));
    }
    close(to[0]);
    close(from[1]);
    p.ends = (struct learn_child){.to_child = to[1], .from_child = from[0]};
    return p;
}

static int finish(struct process *p)
{
    int status = 0;

    close(p->ends.to_child);
    close(p->ends.from_child);
    waitpid(p->pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct seen {
    int  ok, failed;
    char reason[200];
};

static void note(void *context, uint32_t row, bool ok, const char *reason)
{
    struct seen *s = context;

    (void)row;
    s->ok += ok;
    s->failed += !ok;
    if (!ok)
        snprintf(s->reason, sizeof s->reason, "%s", reason);
}

static void test_features(void)
{
    struct process p = spawn(learn_child_features);
    struct learn_extractor x = learn_extractor_text();
    struct learn_file *f;
    struct seen seen = {0};
    struct error err = {0};
    uint64_t there = 99;
    bool needs = true;

    CHECK("open", learn_child_open(&p.ends, &x, path, &there, &needs, &err));
    CHECK("empty, text needs no sample", there == 0 && !needs);
    learn_child_item(&p.ends, 0, "good morning", 12, &err);
    learn_child_item(&p.ends, 1, "bad \xff", 5, &err);
    learn_child_item(&p.ends, 2, "", 0, &err);
    CHECK("flush", learn_child_flush(&p.ends, note, &seen, &err));
    CHECK("two good, one not", seen.ok == 2 && seen.failed == 1);
    CHECK("with its reason", strstr(seen.reason, "UTF-8") != NULL);
    f = learn_file_open(path, 3, &err);
    CHECK("in the file", f && learn_file_rows(f)->row[0].n > 5 &&
                             !learn_file_rows(f)->row[1].data && learn_file_rows(f)->row[2].data);
    learn_file_close_reader(f);
    CHECK("end", learn_child_end(&p.ends, &err));
    CHECK_INT("exit status", finish(&p), 0);
}

static void test_images(void)
{
    static const char not_image[] = "this is no image";
    struct process p = spawn(learn_child_features);
    struct learn_extractor x = learn_extractor_image(1);
    struct seen seen = {0};
    struct error err = {0};
    uint64_t there;
    bool needs = false;

    unlink(path);
    CHECK("open", learn_child_open(&p.ends, &x, path, &there, &needs, &err));
    CHECK("a new image file needs a sample", needs);
    learn_child_sample(&p.ends, not_image, sizeof not_image, &err);
    learn_child_item(&p.ends, 0, not_image, sizeof not_image, &err);
    CHECK("no image is no failure of the child", learn_child_flush(&p.ends, note, &seen, &err));
    CHECK("but of the item", seen.failed == 1 && *seen.reason);
    learn_child_end(&p.ends, &err);
    CHECK_INT("exit status", finish(&p), 0);
    unlink(path);
}

/* The features of a job that begins with another's model are made with that one's dictionary. */
static void test_given_dictionary(void)
{
    struct learn_extractor x = learn_extractor_image(5);
    size_t size = learn_dictionary_size(&x), there;
    unsigned char *grey = calloc(3, (size_t)x.side * x.side);
    void *bytes = malloc(size);
    struct learn_dictionary *d;
    struct process p = spawn(learn_child_features);
    struct error err = {0};
    struct learn_file *f;
    const void *kept;
    uint64_t rows;
    bool needs;

    for (size_t i = 0; i < (size_t)3 * x.side * x.side; i++)
        grey[i] = (unsigned char)(i * 7919 % 251);
    d = learn_dictionary_learn(&x, grey, 1, &err);
    learn_dictionary_write(d, bytes);
    learn_dictionary_write(d, bytes);
    unlink(path);
    CHECK("open", learn_child_open(&p.ends, &x, path, &rows, &needs, &err) && needs);
    CHECK("given", learn_child_dictionary(&p.ends, bytes, size, &err));
    CHECK("end", learn_child_end(&p.ends, &err));
    CHECK_INT("exit status", finish(&p), 0);
    f = learn_file_open(path, 1, &err);
    kept = f ? learn_file_dictionary_bytes(f, &there) : NULL;
    CHECK("kept as it is", kept && there == size && memcmp(kept, bytes, size) == 0);
    learn_file_close_reader(f);
    p = spawn(learn_child_features);
    learn_child_open(&p.ends, &x, path, &rows, &needs, &err);
    learn_child_dictionary(&p.ends, bytes, size, &err);
    CHECK_INT("one too many ends the child", finish(&p), 1);
    unlink(path);
    learn_dictionary_free(d);
    free(bytes);
    free(grey);
}

static bool count_progress(void *context, double share)
{
    ++*(int *)context;
    return share <= 1;
}

/* Writes the made-up rows, so that a child can read them. */
static void write_file(struct made_up *m)
{
    struct error err = {0};
    struct learn_file_writer *w = learn_file_append(path, &m->rows.extractor, NULL, NULL, &err);

    for (uint32_t i = 0; w && i < m->rows.n; i++)
        learn_file_add(w, i, &m->row[i], &err);
    if (w)
        learn_file_close(w, &err);
}

static void test_round(void)
{
    struct made_up *m = made_up_new(1000, 3, 1);
    struct learn_answers a = {.n_classes = 3, .class_names = made_up_names, .label = m->label,
                              .part = m->part};
    struct learn_state state = {0};
    struct learn_result here, there;
    struct learn_settings settings;
    struct error err = {0};
    struct process p;
    int told = 0;

    learn_settings_default(&settings);
    write_file(m);
    for (int turn = 0; turn < 2; turn++) {
        p = spawn(learn_child_round);
        CHECK("in a child", learn_child_round_call(&p.ends, path, 1000, &a, &settings, &state,
                                                   count_progress, &told, &there, &err));
        CHECK_INT("exit status", finish(&p), 0);
        CHECK("in this process", learn_round(&m->rows, NULL, 0, &a, &settings, &state, NULL, NULL,
                                             &here, &err));
        CHECK("the same list", here.n_ask == there.n_ask &&
                                   memcmp(here.ask, there.ask, here.n_ask * sizeof *here.ask) == 0);
        CHECK("the same parts", memcmp(here.part, there.part, 1000) == 0);
        CHECK("the same confidence", memcmp(here.confidence, there.confidence, 4000) == 0);
        CHECK("the same model",
              here.model.size == there.model.size &&
                  (here.model.size == 0 ||
                   memcmp(here.model.data, there.model.data, here.model.size) == 0));
        CHECK_TEXT("the same sentence", there.report.reason, here.report.reason);
        memcpy(m->part, here.part, 1000);
        for (int64_t k = 0; k < here.state.due && k < (int64_t)here.n_ask; k++)
            m->label[here.ask[k]] = m->truth[here.ask[k]];
        state = here.state;
        learn_result_release(&here);
        learn_result_release(&there);
    }
    CHECK("progress is told", told > 0);
    settings.target = 2;
    p = spawn(learn_child_round);
    CHECK("an error crosses the pipe", !learn_child_round_call(&p.ends, path, 1000, &a, &settings,
                                                               &state, NULL, NULL, &there, &err));
    CHECK_TEXT("with its field", err.field, "target");
    CHECK_INT("exit status", finish(&p), 1);
    free(m);
}

static void test_broken_pipes(void)
{
    struct process p = spawn(learn_child_features);
    struct learn_extractor x = learn_extractor_text();
    struct error err = {0};
    uint64_t there;
    bool needs;

    CHECK_INT("closed at once", finish(&p), 1);
    p = spawn(learn_child_round);
    CHECK("nonsense", write(p.ends.to_child, "nonsense nonsense nonsense", 26) == 26);
    CHECK_INT("ends it", finish(&p), 1);
    p = spawn(learn_child_features);
    kill(p.pid, SIGKILL);
    waitpid(p.pid, NULL, 0);
    CHECK("a killed child is an error", !learn_child_open(&p.ends, &x, path, &there, &needs, &err));
    CHECK_TEXT("of this name", err.code, "learn.child_gone");
    close(p.ends.to_child);
    close(p.ends.from_child);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    close(mkstemp(path));
    test_features();
    test_images();
    test_given_dictionary();
    test_round();
    test_broken_pipes();
    unlink(path);
    return check_done();
}
