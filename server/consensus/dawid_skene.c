/* dawid_skene.c - shrunken Dawid-Skene, the product's own method for classes.
 *
 * A confusion matrix per annotator, whose rows get two pseudo-answers of the crowd: right with the
 * crowd's mean accuracy, errors even over the other classes. Two are enough to keep a row that was
 * seen once or never from claiming certainty, and too few to hide what an annotator with twenty
 * answers does. The class prior is estimated. Start: one_coin.c, or a former fit. */
#include "em.h"

#include <math.h>

enum { ROUNDS_MAX = 100 };

static const double PSEUDO_ANSWERS = 2, CHANGE_MIN = 1e-5;

/* The crowd is never taken to be perfect, nor worse than guessing: new annotators are judged by it,
 * and a crowd below guessing would mean that the classes have been swapped. */
static double crowd_accuracy(struct em *em)
{
    double sum = em_count_right(em), guess = 1 / (double)em->classes;

    if (em->csr->n == 0)
        return guess;
    return fmin(fmax(sum / (double)em->csr->n, guess), 0.999);
}

static void maximise(struct em *em)
{
    em_estimate_prior(em);
    confusion_count(&em->confusion, em->p);
    em->crowd_accuracy = crowd_accuracy(em);
    for (int32_t j = 0; j < em->csr->annotators; j++) {
        em->confusion.diagonal[j] = (float)(PSEUDO_ANSWERS * em->crowd_accuracy);
        em->confusion.off_diagonal[j] =
            (float)(PSEUDO_ANSWERS * (1 - em->crowd_accuracy) / ((double)em->classes - 1));
    }
    confusion_logs(&em->confusion);
}

void dawid_skene_fit(struct em *em)
{
    int rounds = em->settings->max_rounds > 0 ? em->settings->max_rounds : ROUNDS_MAX;

    if (em->settings->start)
        em_start_from(em, em->settings->start);
    else
        one_coin_fit(em);
    confusion_init(&em->confusion, em->csr);
    for (int round = 0; round < rounds; round++) {
        maximise(em);
        if (em_expect(em) < CHANGE_MIN)
            break;
    }
}
