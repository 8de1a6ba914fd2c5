/* people.c - a wrong answer is another class, each as likely; in a multi-label type one label too
 * many or too few. */
#include "people.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { CAREFUL_MAX = 3 };

static double chance(struct people *p) /* SplitMix64 (Steele, Lea, Flood 2014), 0 <= x < 1 */
{
    uint64_t z = p->random += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void one_answer(struct people *p, size_t i, int32_t *label, uint8_t *set)
{
    bool slip = p->accuracy < 1 && chance(p) >= p->accuracy;
    size_t other;

    p->answers++;
    *label = p->truth[i];
    if (set)
        memcpy(set, p->truth_sets + i * p->n_classes, p->n_classes);
    if (!slip || (!set && p->n_classes < 2))
        return;
    if (set) {
        other = (size_t)(chance(p) * (double)p->n_classes);
        set[other] = !set[other];
    } else {
        other = (size_t)(chance(p) * (double)(p->n_classes - 1));
        *label = (int32_t)(other + (other >= (size_t)p->truth[i]));
    }
}

static bool same(const struct people *p, const int32_t *label, uint8_t *const *set, int a, int b)
{
    return label[a] == label[b] && (!set[a] || memcmp(set[a], set[b], p->n_classes) == 0);
}

void people_answer(struct people *p, size_t i, bool careful, int32_t *label, uint8_t *set)
{
    uint8_t *sets[CAREFUL_MAX] = {0}, *room = set ? must_alloc(CAREFUL_MAX * p->n_classes) : NULL;
    int32_t labels[CAREFUL_MAX];
    int chosen = 0;

    for (int k = 0; room && k < CAREFUL_MAX; k++)
        sets[k] = room + (size_t)k * p->n_classes;
    one_answer(p, i, &labels[0], sets[0]);
    if (careful && p->accuracy < 1 && p->n >= 2) {
        one_answer(p, i, &labels[1], sets[1]);
        if (!same(p, labels, sets, 0, 1) && p->n >= 3) {
            one_answer(p, i, &labels[2], sets[2]);
            chosen = same(p, labels, sets, 1, 2) ? 1 : 0;
        }
    }
    *label = labels[chosen];
    if (set)
        memcpy(set, sets[chosen], p->n_classes);
    free(room);
}
