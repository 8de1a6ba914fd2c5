/* ground_truth.c - the variant of Dawid-Skene that SageMaker Ground Truth is documented to use,
 * for people who compare.
 *
 * Every annotator's counts N (n answers in all) get n pseudo-answers shaped like the annotator's
 * own accuracy A and n/2 shaped like the crowd's, a: on the diagonal n A + n/2 a, elsewhere the
 * rest spread evenly. a is the mean of the A of the round before, 0.7 at the start; the first
 * round's confusion matrices are a alone and its posteriors uniform. At most 20 rounds, or until
 * the log likelihood changes by less than one part in 10^8. */
#include "em.h"

#include <math.h>

enum { ROUNDS_MAX = 20 };

static const double START_ACCURACY = 0.7, CHANGE_MIN = 1e-8;

/* Without answers of their own, an annotator is one pseudo-answer of the crowd. */
static void set_pseudo_answers(struct em *em, int32_t j, double crowd)
{
    double n = em->given[j], others = (double)em->classes - 1;
    double accuracy = n > 0 ? em->right[j] / n : crowd;
    double own = n > 0 ? n : 0, shared = n > 0 ? n / 2 : 1;

    em->confusion.diagonal[j] = (float)(own * accuracy + shared * crowd);
    em->confusion.off_diagonal[j] =
        (float)((own * (1 - accuracy) + shared * (1 - crowd)) / others);
}

static double mean_accuracy(const struct em *em)
{
    double sum = 0, active = 0;

    for (int32_t j = 0; j < em->csr->annotators; j++)
        if (em->given[j]) {
            sum += em->right[j] / em->given[j];
            active++;
        }
    return active > 0 ? sum / active : START_ACCURACY;
}

/* The confusion matrices before anything is known: no counts, the crowd's accuracy. */
static void first_matrices(struct em *em)
{
    for (int32_t j = 0; j < em->csr->annotators; j++) {
        em->confusion.diagonal[j] = (float)START_ACCURACY;
        em->confusion.off_diagonal[j] = (float)((1 - START_ACCURACY) / ((double)em->classes - 1));
    }
    confusion_logs(&em->confusion);
}

static void maximise(struct em *em)
{
    confusion_count(&em->confusion, em->p);
    em_count_right(em);
    for (int32_t j = 0; j < em->csr->annotators; j++)
        set_pseudo_answers(em, j, em->crowd_accuracy);
    em->crowd_accuracy = mean_accuracy(em);
    em_estimate_prior(em);
    confusion_logs(&em->confusion);
}

void ground_truth_fit(struct em *em)
{
    int rounds = em->settings->max_rounds > 0 ? em->settings->max_rounds : ROUNDS_MAX;
    double before = 0;

    confusion_init(&em->confusion, em->csr);
    em->crowd_accuracy = START_ACCURACY;
    if (em->settings->start) {
        em->crowd_accuracy = em->settings->start->crowd_accuracy;
        em_start_from(em, em->settings->start);
        maximise(em);
    } else {
        first_matrices(em);
    }
    for (int round = 0; round < rounds; round++) {
        if (round > 0)
            maximise(em);
        em_expect(em);
        if (round > 0 && fabs(em->log_likelihood - before) <= CHANGE_MIN * fabs(before))
            break;
        before = em->log_likelihood;
    }
}
