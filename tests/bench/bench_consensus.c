/* bench_consensus.c - one million answers: the default method against a plain Dawid-Skene loop.
 *
 * 200,000 items, 5 answers each, 500 annotators, 10 classes, made up by a fixed generator. The
 * yardstick is a loop as anybody would write it: answers as they come, double precision, one table
 * of probabilities, no sorting; it runs as many rounds as the product did. Prints one line of JSON:
 * seconds of both, the ratio, and the growth of peak memory. */
#include "plumbline/base/clock.h"
#include "plumbline/consensus/classes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { ITEMS = 200000, PER_ITEM = 5, ANNOTATORS = 500, CLASSES = 10, N = ITEMS * PER_ITEM };

static int32_t item[N], annotator[N], label[N];

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

static void make_answers(void)
{
    uint64_t state = 7;
    size_t n = 0;

    for (int32_t i = 0; i < ITEMS; i++) {
        int32_t truth = (int32_t)(draw(&state) % CLASSES);

        for (int a = 0; a < PER_ITEM; a++, n++) {
            item[n] = i;
            annotator[n] = (int32_t)(draw(&state) % (ANNOTATORS / PER_ITEM)) * PER_ITEM + a;
            label[n] = (int)(draw(&state) % 100) < 50 + annotator[n] % 45
                           ? truth
                           : (int32_t)(draw(&state) % CLASSES);
        }
    }
}

static void plain_loop(int rounds, double *p)
{
    static double count[ANNOTATORS][CLASSES][CLASSES], prior[CLASSES];

    memset(p, 0, sizeof *p * ITEMS * CLASSES);
    for (size_t a = 0; a < N; a++)
        p[(size_t)item[a] * CLASSES + (size_t)label[a]] += 1.0 / PER_ITEM;
    for (int round = 0; round < rounds; round++) {
        memset(count, 0, sizeof count);
        memset(prior, 0, sizeof prior);
        for (size_t a = 0; a < N; a++)
            for (int k = 0; k < CLASSES; k++)
                count[annotator[a]][label[a]][k] += p[(size_t)item[a] * CLASSES + (size_t)k];
        for (size_t i = 0; i < ITEMS; i++)
            for (int k = 0; k < CLASSES; k++)
                prior[k] += p[i * CLASSES + (size_t)k] / ITEMS;
        for (int j = 0; j < ANNOTATORS; j++)
            for (int k = 0; k < CLASSES; k++) {
                double sum = 0;

                for (int c = 0; c < CLASSES; c++)
                    sum += count[j][c][k] + 0.01;
                for (int c = 0; c < CLASSES; c++)
                    count[j][c][k] = log((count[j][c][k] + 0.01) / sum);
            }
        for (int k = 0; k < CLASSES; k++)
            prior[k] = log(prior[k]);
        for (size_t i = 0; i < ITEMS; i++)
            memcpy(p + i * CLASSES, prior, sizeof prior);
        for (size_t a = 0; a < N; a++)
            for (int k = 0; k < CLASSES; k++)
                p[(size_t)item[a] * CLASSES + (size_t)k] += count[annotator[a]][label[a]][k];
        for (size_t i = 0; i < ITEMS; i++) {
            double *q = p + i * CLASSES, top = q[0], sum = 0;

            for (int k = 1; k < CLASSES; k++)
                top = q[k] > top ? q[k] : top;
            for (int k = 0; k < CLASSES; k++)
                sum += q[k] = exp(q[k] - top);
            for (int k = 0; k < CLASSES; k++)
                q[k] /= sum;
        }
    }
}

static long peak_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

int main(void)
{
    struct consensus_answers answers = {ITEMS, ANNOTATORS, CLASSES,  N,
                                        item,  annotator,  label,    NULL};
    struct consensus_settings settings = {.method = CONSENSUS_SDS};
    struct consensus_result result;
    struct error err = {0};
    double *p, start, ours, plain;
    long before, after;
    size_t same = 0;

    make_answers();
    before = peak_kib();
    start = clock_cpu_seconds();
    if (!consensus_classes_fit(&answers, &settings, &result, NULL, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    ours = clock_cpu_seconds() - start;
    after = peak_kib();
    p = malloc(sizeof *p * ITEMS * CLASSES);
    if (!p)
        return 1;
    start = clock_cpu_seconds();
    plain_loop(result.iterations, p);
    plain = clock_cpu_seconds() - start;
    for (size_t i = 0; i < ITEMS; i++) {
        int best = 0;

        for (int k = 1; k < CLASSES; k++)
            best = p[i * CLASSES + (size_t)k] > p[i * CLASSES + (size_t)best] ? k : best;
        same += best == result.label[i];
    }
    printf("{\"consensus.classes\": {\"value\": %.3f, \"unit\": \"s\", \"yardstick\": %.3f, "
           "\"ratio\": %.3f, \"rounds\": %d, \"same_labels\": %.4f, \"mib\": %.1f}}\n",
           ours, plain, ours / plain, result.iterations, (double)same / ITEMS,
           (double)(after - before) / 1024);
    consensus_result_release(&result);
    free(p);
    return 0;
}
