/* loop_sample.c - the random samples.
 *
 * Every item has a fixed place in a random order that depends on the seed and its row number only.
 * The sample R is the first of that order: it needs no memory, does not depend on what people did,
 * and stays random when items join. */
#include "loop_round.h"

#include "plumbline/base/arena.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>

/* Point 7 of the rule: a class with 5 % of the data has 20 random items; a sample of 400 has
 * that. */
enum { CLASS_ITEMS = 20, RANDOM_ENOUGH = 400 };
static const double CLASS_SHARE = 0.05;

static const double BATCH_SHARE = 0.02, BATCH_SHARE_GROUND_TRUTH = 0.1;
enum { BATCH_MAX_GROUND_TRUTH = 1000 };

struct place {
    uint64_t key;
    uint32_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

void round_shuffle(struct round *r)
{
    struct place *place = must_alloc((r->rows->n + 1) * sizeof *place);

    r->shuffled = must_alloc((r->rows->n + 1) * sizeof *r->shuffled);
    for (size_t i = 0; i < r->rows->n; i++)
        place[i] = (struct place){random_of((uint64_t)r->settings->seed, i), (uint32_t)i};
    qsort(place, r->rows->n, sizeof *place, by_key);
    for (size_t i = 0; i < r->rows->n; i++)
        r->shuffled[i] = place[i].row;
    free(place);
}

bool round_is_open(const struct round *r, size_t i)
{
    return r->answers->label[i] == LEARN_UNKNOWN && r->out->part[i] != LEARN_PART_AUTO;
}

bool round_is_rest(const struct round *r, size_t i)
{
    return round_is_open(r, i) && r->rows->row[i].data;
}

void round_draw_random(struct round *r, int64_t wanted)
{
    for (size_t i = 0; i < r->rows->n && wanted > 0; i++) {
        uint32_t row = r->shuffled[i];

        if (r->answers->label[row] == LEARN_EXCLUDED || !r->rows->row[row].data ||
            r->out->part[row] == LEARN_PART_AUTO)
            continue;
        r->out->part[row] = LEARN_PART_RANDOM;
        wanted--;
    }
}

void round_draw(struct round *r, int64_t wanted, enum learn_part part)
{
    for (size_t i = 0; i < r->rows->n && wanted > 0; i++) {
        uint32_t row = r->shuffled[i];

        if (!round_is_rest(r, row) || r->out->part[row] != LEARN_PART_REST)
            continue;
        r->out->part[row] = (uint8_t)part;
        wanted--;
    }
}

int64_t round_count_open(const struct round *r, enum learn_part part)
{
    int64_t open = 0;

    for (size_t i = 0; i < r->rows->n; i++)
        open += r->out->part[i] == part && round_is_open(r, i);
    return open;
}

int64_t round_share_up(double share, size_t n)
{
    return (int64_t)ceil(share * (double)n - 1e-9);
}

int64_t round_batch(const struct round *r)
{
    int64_t batch = r->settings->batch;

    if (batch == 0 && r->settings->rule == LEARN_RULE_DEFAULT)
        batch = round_share_up(BATCH_SHARE, r->rows->n);
    if (batch == 0) {
        batch = round_share_up(BATCH_SHARE_GROUND_TRUTH, r->rows->n);
        batch = batch < BATCH_MAX_GROUND_TRUTH ? batch : BATCH_MAX_GROUND_TRUTH;
    }
    return batch > 0 ? batch : 1;
}

/* Adds item i of the random sample to the counts of its classes. */
static void count_classes(const struct round *r, size_t i, int64_t *count)
{
    const struct learn_answers *a = r->answers;

    for (uint32_t k = 0; k < a->n_classes; k++)
        count[k] += a->multilabel ? a->sets[i * a->n_classes + k] : (uint32_t)a->label[i] == k;
}

bool round_needs_more_random(struct round *r)
{
    int64_t *count = must_alloc((r->answers->n_classes + 1) * sizeof *count);
    int64_t known = 0, least = CLASS_ITEMS, wanted, size = r->out->state.random_size;

    for (size_t i = 0; i < r->rows->n; i++)
        if (r->out->part[i] == LEARN_PART_RANDOM && r->answers->label[i] >= 0) {
            count_classes(r, i, count);
            known++;
        }
    for (uint32_t k = 0; k < r->answers->n_classes; k++)
        if (count[k] < least && (double)count[k] >= CLASS_SHARE * (double)known && count[k] > 0)
            least = count[k];
    free(count);
    if (known == 0 || least >= CLASS_ITEMS || size >= RANDOM_ENOUGH)
        return false;
    wanted = (size * CLASS_ITEMS + least - 1) / least;
    r->out->state.random_size = wanted < RANDOM_ENOUGH ? wanted : RANDOM_ENOUGH;
    round_draw_random(r, r->out->state.random_size);
    return round_count_open(r, LEARN_PART_RANDOM) > 0;
}
