/* test_text.c - hashed counts, tf-idf and standardisation worked out by hand. */
#include "../../../server/learn/encode.h"
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

int main(void)
{
    test_counts();
    test_encoding();
    test_dense_encoding();
    return check_done();
}
