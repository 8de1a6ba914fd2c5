/* test_files.c - feature file and model bytes: round trips, torn tails, damage. */
#include "../check.h"
#include "made_up.h"
#include "plumbline/learn/feature_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/plumbline-features-XXXXXX";

static void write_rows(uint32_t from, uint32_t to, size_t *seen)
{
    struct learn_extractor x = learn_extractor_vector(3);
    struct error err = {0};
    struct learn_file_writer *w = learn_file_append(path, &x, NULL, seen, &err);

    CHECK("opened for writing", w != NULL);
    for (uint32_t i = from; w && i < to; i++) {
        const float v[3] = {(float)i, (float)(2 * i), 1};
        struct learn_row row = {i == 3 ? NULL : v, 3};

        learn_file_add(w, i, &row, &err);
    }
    CHECK("closed", w && learn_file_close(w, &err));
}

/* The rows with features among the first n, each with the right numbers; -1 when one is wrong. */
static int good_rows(size_t n)
{
    struct error err = {0};
    struct learn_file *f = learn_file_open(path, n, &err);
    int good = 0;

    if (!f)
        return -1;
    for (size_t i = 0; i < n && good >= 0; i++) {
        const struct learn_row *row = &learn_file_rows(f)->row[i];
        const float *v = row->data;

        if (v)
            good = v[0] == (float)i && v[1] == (float)(2 * i) && row->n == 3 ? good + 1 : -1;
    }
    learn_file_close_reader(f);
    return good;
}

static off_t file_size(void)
{
    struct stat st = {0};

    stat(path, &st);
    return st.st_size;
}

static void flip_byte(off_t at)
{
    int fd = open(path, O_RDWR);
    unsigned char byte = 0;

    if (pread(fd, &byte, 1, at) == 1) {
        byte ^= 0x55;
        if (pwrite(fd, &byte, 1, at) != 1)
            CHECK("wrote", false);
    }
    close(fd);
}

static void test_feature_file(void)
{
    struct learn_extractor other = learn_extractor_vector(4);
    struct learn_file_writer *w, *second;
    struct error err = {0};
    size_t seen = 0;
    off_t whole;

    close(mkstemp(path));
    write_rows(0, 10, &seen);
    CHECK_INT("new", seen, 0);
    CHECK_INT("rows (one has none)", good_rows(10), 9);
    CHECK_INT("rows beyond the job are left out", good_rows(5), 4);
    whole = file_size();
    write_rows(10, 20, &seen);
    CHECK_INT("seen again", seen, 10);
    CHECK("torn", truncate(path, file_size() - 5) == 0);
    CHECK_INT("a reader stops before the torn record", good_rows(20), 18);
    write_rows(19, 20, &seen);
    CHECK_INT("a writer cuts it", seen, 19);
    CHECK_INT("and goes on", good_rows(20), 19);
    flip_byte(whole + 30);
    write_rows(0, 0, &seen);
    CHECK_INT("a damaged record ends the good part", seen, 10);
    CHECK_INT("cut there", file_size(), whole);
    w = learn_file_append(path, &other, NULL, &seen, &err);
    CHECK("another extractor begins afresh", w && seen == 0);
    second = learn_file_append(path, &other, NULL, &seen, &err);
    CHECK("one writer at a time", !second && strcmp(err.code, "learn.busy") == 0);
    if (w)
        learn_file_close(w, &err);
    flip_byte(20);
    CHECK_INT("a damaged header is no file", good_rows(1), -1);
    unlink(path);
}

static struct learn_model *train(struct made_up *m, bool multilabel)
{
    struct learn_training t = {.rows = &m->rows, .n_classes = 3, .class_names = made_up_names,
                               .multilabel = multilabel, .label = m->truth, .seed = 1};
    struct error err = {0};

    if (multilabel) {
        for (size_t i = 0; i < m->rows.n; i++)
            m->sets[i * 3 + (size_t)m->truth[i]] = 1;
        memset(m->truth, 0, sizeof m->truth);
        t.sets = m->sets;
    }
    return learn_model_train(&t, &err);
}

static void test_model(bool multilabel)
{
    struct made_up *m = made_up_new(500, 3, 1);
    struct learn_model *model = train(m, multilabel), *again;
    struct error err = {0};
    float p[3], q[3];
    struct buf bytes;
    int refused = 0;

    buf_init(&bytes, 1 << 20);
    CHECK("written", model && learn_model_write(model, &bytes));
    again = learn_model_read(bytes.data, bytes.size, &err);
    CHECK("read", again != NULL);
    if (again) {
        learn_model_predict(model, &m->row[3], p);
        learn_model_predict(again, &m->row[3], q);
        CHECK("the same probabilities", memcmp(p, q, sizeof p) == 0);
        CHECK_TEXT("class names", learn_model_class(again, 2), "plum");
        CHECK("kind", learn_model_is_multilabel(again) == multilabel);
        if (!multilabel)
            CHECK_NEAR("sum", p[0] + p[1] + p[2], 1, 1e-5);
    }
    for (size_t i = 0; i < bytes.size; i += 7) { /* damage anywhere is seen */
        struct learn_model *broken;

        bytes.data[i] ^= 1;
        broken = learn_model_read(bytes.data, bytes.size, &err);
        refused += broken == NULL;
        learn_model_free(broken);
        bytes.data[i] ^= 1;
    }
    CHECK_INT("damaged models are refused", refused, (bytes.size + 6) / 7);
    CHECK("cut off is refused", !learn_model_read(bytes.data, bytes.size - 1, &err));
    CHECK("foreign is refused", !learn_model_read("hello", 5, &err));
    learn_model_free(model);
    learn_model_free(again);
    buf_release(&bytes);
    free(m);
}

static void test_no_labels(void)
{
    struct made_up *m = made_up_new(5, 2, 1);
    struct learn_training t = {.rows = &m->rows, .n_classes = 2, .class_names = made_up_names,
                               .label = m->label, .seed = 1};
    struct error err = {0};

    CHECK("nothing to learn from", !learn_model_train(&t, &err));
    CHECK_TEXT("is said", err.code, "learn.no_labels");
    free(m);
}

int main(void)
{
    test_feature_file();
    test_model(false);
    test_model(true);
    test_no_labels();
    return check_done();
}
