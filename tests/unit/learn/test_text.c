/* test_text.c - hashed counts, tf-idf worked out by hand, the logistic solver against its
 * optimum. */
#include "../../../server/learn/encode.h"
#include "../../../server/learn/logistic.h"
#include "../check.h"
#include "plumbline/learn/text.h"

#include <stdlib.h>

static const uint32_t *entries_of(const struct learn_row *row)
{
    return row->data;
}

/* Entries in the half of the words, and the sum of their counts. */
static size_t count_words(const struct learn_row *row, size_t *sum)
{
    size_t n = 0;

    *sum = 0;
    for (size_t i = 0; i < row->n; i++)
        if (entries_of(row)[i] >> LEARN_COUNT_BITS >= LEARN_TEXT_WORDS) {
            n++;
            *sum += entries_of(row)[i] & LEARN_COUNT_MAX;
        }
    return n;
}

static bool same_row(struct learn_text *t, const char *a, const char *b)
{
    struct learn_row row;
    struct error err;
    uint32_t copy[1000];
    size_t n;

    if (!learn_text_extract(t, a, strlen(a), &row, &err))
        return false;
    n = row.n;
    memcpy(copy, row.data, n * sizeof *copy);
    return learn_text_extract(t, b, strlen(b), &row, &err) && row.n == n &&
           memcmp(copy, row.data, n * sizeof *copy) == 0;
}

static void test_counts(void)
{
    struct learn_text *t = learn_text_new();
    struct error err = {0};
    struct learn_row row;
    bool rising = true;
    size_t sum;

    /* "to be or to be": words to be or to be = 3 different (5), pairs "to be" twice, "be or",
     * "or to" = 3 different (4). Runs: each token "_xx_" has 2 runs of 3 and 1 of 4; three
     * different tokens = 9. */
    CHECK("extract", learn_text_extract(t, "To be, or to BE", 15, &row, &err));
    CHECK_INT("different words and pairs", count_words(&row, &sum), 6);
    CHECK_INT("counted words and pairs", sum, 9);
    CHECK("extract", learn_text_extract(t, "to be or to be", 14, &row, &err));
    CHECK_INT("runs of characters", row.n - count_words(&row, &sum), 9);
    for (size_t i = 1; i < row.n; i++)
        rising = rising && entries_of(&row)[i] >> LEARN_COUNT_BITS >
                               entries_of(&row)[i - 1] >> LEARN_COUNT_BITS;
    CHECK("columns rise", rising);
    CHECK("case is folded", same_row(t, "STRASSE", "Stra\xc3\x9f" "e"));
    CHECK("full width is narrow", same_row(t, "\xef\xbc\xa1\xef\xbc\xa2 abc", "ab ABC"));
    CHECK("composed is decomposed", same_row(t, "caf\xc3\xa9", "cafe\xcc\x81"));
    CHECK("blanks of any kind", same_row(t, "a\tb", "a\xc2\xa0" "b"));
    CHECK("other text is other", !same_row(t, "abc", "abd"));
    CHECK("empty text has a row", learn_text_extract(t, "", 0, &row, &err) && row.data);
    CHECK_INT("of nothing", row.n, 0);
    CHECK("two signs of Chinese are a run",
          learn_text_extract(t, "\xe4\xbd\xa0\xe5\xa5\xbd", 6, &row, &err) &&
              row.n - count_words(&row, &sum) == 5);
    CHECK("not UTF-8", !learn_text_extract(t, "ab\xff", 3, &row, &err));
    CHECK_TEXT("said so", err.code, "field.invalid");
    learn_text_free(t);
}

/* Three rows over columns 5 (a run), W and W+1 (words). */
static void test_encoding(void)
{
    enum { W = LEARN_TEXT_WORDS };
    const uint32_t a[] = {5 << LEARN_COUNT_BITS | 1, (uint32_t)W << LEARN_COUNT_BITS | 1};
    const uint32_t b[] = {5 << LEARN_COUNT_BITS | 2, (uint32_t)(W + 1) << LEARN_COUNT_BITS | 1};
    const uint32_t c[] = {(uint32_t)W << LEARN_COUNT_BITS | 1,
                          (uint32_t)(W + 1) << LEARN_COUNT_BITS | 1};
    const struct learn_row row[] = {{a, 2}, {b, 2}, {c, 2}, {NULL, 0}};
    struct learn_rows rows = {.extractor = learn_extractor_text(), .row = row, .n = 4};
    const uint32_t train[] = {0, 1, 2};
    uint32_t column[8];
    struct encoder e;
    float value[8];

    encoder_learn(&e, &rows, train, 3, 100);
    CHECK_INT("columns", e.columns, 3);
    /* every column is in 2 of 3 documents: log(4 / 3) + 1 */
    CHECK_NEAR("idf", e.idf[0], log(4.0 / 3) + 1, 1e-6);
    CHECK_INT("entries", encoder_row(&e, &row[0], column, value), 2);
    CHECK_NEAR("run has half the length", value[0], sqrt(0.5), 1e-6);
    CHECK_NEAR("word has the other half", value[1], sqrt(0.5), 1e-6);
    encoder_row(&e, &row[2], column, value);
    CHECK_NEAR("words alone have all of it", value[0] * value[0] + value[1] * value[1], 1, 1e-6);
    CHECK_INT("of column", column[1], 2);
    encoder_release(&e);
    encoder_learn(&e, &rows, train, 1, 100);
    CHECK_INT("columns of the training rows only", e.columns, 2);
    encoder_release(&e);
}

static void test_dense_encoding(void)
{
    const float a[] = {1, 7}, b[] = {3, 7};
    const struct learn_row row[] = {{a, 2}, {b, 2}};
    struct learn_rows rows = {.extractor = learn_extractor_vector(2), .row = row, .n = 2};
    struct encoder e;
    float value[2];

    encoder_learn(&e, &rows, NULL, 0, 100);
    encoder_row(&e, &row[1], NULL, value);
    /* mean 2, deviation 1, two columns: 1 / sqrt 2; the constant column says nothing */
    CHECK_NEAR("standardised", value[0], 1 / sqrt(2), 1e-6);
    CHECK_NEAR("constant column", value[1], 0, 1e-9);
    encoder_release(&e);
}

/* Largest distance of a row from the optimality condition alpha = C weight sigma(-y w.x), and of w
 * from sum alpha y x. Both are 0 only at the solution. */
static double distance_from_optimum(const struct logistic_problem *p,
                                    const struct logistic_state *s)
{
    uint32_t columns = p->x->columns;
    double worst = 0;
    float *w = calloc(((size_t)columns + 1) * s->stride, sizeof *w);

    for (size_t i = 0; i < p->x->n; i++) {
        const float *x = p->x->value + i * columns;
        float z[8];

        logistic_scores(s->w, columns, s->stride, NULL, x, columns, z);
        for (uint32_t d = 0; d < p->decisions; d++) {
            double y = p->wanted[i * p->decisions + d] ? 1 : -1;
            double alpha = s->alpha[i * s->stride + d];

            worst = fmax(worst, fabs(alpha / p->c - p->weight[i] / (1 + exp(y * z[d]))));
            for (uint32_t c = 0; c < columns; c++)
                w[c * s->stride + d] += (float)(alpha * y * x[c]);
            w[columns * s->stride + d] += (float)(alpha * y);
        }
    }
    for (size_t k = 0; k < ((size_t)columns + 1) * s->stride; k++)
        worst = fmax(worst, fabs(w[k] - s->w[k]) / 10);
    free(w);
    return worst;
}

static void test_solver(void)
{
    enum { N = 60, COLUMNS = 3, DECISIONS = 3 };
    float x[N * COLUMNS], weight[N];
    uint8_t wanted[N * DECISIONS] = {0};
    struct matrix m = {.n = N, .columns = COLUMNS, .value = x};
    struct logistic_problem p = {.x = &m, .decisions = DECISIONS, .wanted = wanted,
                                 .weight = weight, .c = 10, .seed = 1};
    struct logistic_state s = {0}, again = {0}, warm = {0};

    for (int i = 0; i < N; i++) {
        for (int c = 0; c < COLUMNS; c++)
            x[i * COLUMNS + c] = (float)((i * 37 + c * 11) % 23) / 23 - 0.5f;
        wanted[i * DECISIONS + (x[i * COLUMNS] > 0.1f ? 0 : x[i * COLUMNS + 1] > 0 ? 1 : 2)] = 1;
        weight[i] = i % 5 == 0 ? 3 : 1;
    }
    logistic_train(&p, &s);
    CHECK("at the optimum", distance_from_optimum(&p, &s) < 0.06);
    logistic_train(&p, &again);
    CHECK("the same bytes again",
          memcmp(s.w, again.w, (COLUMNS + 1) * s.stride * sizeof *s.w) == 0);
    for (int i = 0; i < N; i += 4)
        weight[i] = 0;
    logistic_copy(&warm, &s, &p);
    logistic_train(&p, &warm);
    CHECK("a warm start reaches the other optimum", distance_from_optimum(&p, &warm) < 0.06);
    CHECK("rows without weight have no part", warm.alpha[0] == 0);
    logistic_release(&s);
    logistic_release(&again);
    logistic_release(&warm);
}

int main(void)
{
    test_counts();
    test_encoding();
    test_dense_encoding();
    test_solver();
    return check_done();
}
