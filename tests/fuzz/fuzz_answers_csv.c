/* fuzz_answers_csv.c - any bytes as a file of answers or of known labels: read or refused with a
 * line number, never a crash; and what was read is consolidated without a number that is not
 * one. */
#include "plumbline/cli/answers.h"
#include "plumbline/consensus/multilabel.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void consolidate(const struct answers_table *t, int method)
{
    struct consensus_answers in = {t->items.n, t->annotators.n, t->labels.n, t->n,
                                   t->item, t->annotator, t->label, NULL};
    struct consensus_settings settings = {.method = (enum consensus_method)method};
    struct consensus_multilabel_result several;
    struct consensus_result one;

    if (t->several) {
        if (!consensus_multilabel_fit(&in, &settings, &several, NULL))
            return;
        for (size_t s = 0; s < several.start[several.items]; s++)
            assert(isfinite(several.posterior[s]));
        consensus_multilabel_release(&several);
    } else if (consensus_classes_fit(&in, &settings, &one, NULL, NULL)) {
        for (int32_t i = 0; i < one.items; i++)
            assert(one.posterior[i] > 0 && one.posterior[i] < 1.001f);
        consensus_result_release(&one);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct answers_table answers;
    struct truth_table truth;
    bool several = size && data[0] & 1;

    answers_init(&answers, several);
    if (answers_read_bytes(&answers, data, size, "f", &err)) {
        for (int method = 0; method < 3; method++)
            consolidate(&answers, method);
        assert(!*err.code);
    } else {
        assert(*err.code && strcmp(err.code, "internal") != 0);
    }
    answers_release(&answers);
    truth_init(&truth, several);
    truth_read_bytes(&truth, data, size, "f", &err);
    truth_release(&truth);
    return 0;
}
