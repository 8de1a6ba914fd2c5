/* fit.c - ids to numbers, answers to arrays. */
#include "fit.h"

#include "plumbline/base/arena.h"
#include "plumbline/store/work.h"

#include <stdlib.h>
#include <string.h>

static size_t hash_id(int64_t id)
{
    uint64_t h = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15); /* Fibonacci hashing */

    return (size_t)(h >> 20);
}

static size_t place_of(const struct idmap *m, int64_t id)
{
    size_t at = hash_id(id) & (m->slots - 1);

    while (m->slot[at] && m->id[m->slot[at] - 1] != id)
        at = (at + 1) & (m->slots - 1);
    return at;
}

static void grow(struct idmap *m)
{
    m->slots = m->slots ? m->slots * 2 : 64;
    free(m->slot);
    m->slot = must_alloc(m->slots * sizeof *m->slot);
    m->id = must_realloc(m->id, m->slots, sizeof *m->id);
    for (int32_t i = 0; i < m->n; i++)
        m->slot[place_of(m, m->id[i])] = i + 1;
}

int32_t idmap_add(struct idmap *m, int64_t id)
{
    size_t at;

    if ((size_t)m->n * 2 >= m->slots)
        grow(m);
    at = place_of(m, id);
    if (!m->slot[at]) {
        m->id[m->n] = id;
        m->slot[at] = ++m->n;
    }
    return m->slot[at] - 1;
}

int32_t idmap_find(const struct idmap *m, int64_t id)
{
    return m->slots ? m->slot[place_of(m, id)] - 1 : -1;
}

void idmap_release(struct idmap *m)
{
    free(m->id);
    free(m->slot);
    memset(m, 0, sizeof *m);
}

void answer_table_add(struct answer_table *t, int64_t item, int64_t person, int32_t label)
{
    if (t->n == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : 1024;
        t->item = must_realloc(t->item, t->capacity, sizeof *t->item);
        t->person = must_realloc(t->person, t->capacity, sizeof *t->person);
        t->label = must_realloc(t->label, t->capacity, sizeof *t->label);
    }
    t->item[t->n] = idmap_add(&t->items, item);
    t->person[t->n] = idmap_add(&t->people, person);
    t->label[t->n++] = label;
}

void answer_table_release(struct answer_table *t)
{
    idmap_release(&t->items);
    idmap_release(&t->people);
    free(t->item);
    free(t->person);
    free(t->label);
    memset(t, 0, sizeof *t);
}

bool answer_table_row(void *context, int64_t item, int64_t person, int class_index, struct error *err)
{
    (void)err;
    if (class_index >= 0)
        answer_table_add(context, item, person, class_index);
    return true;
}

bool answer_table_load(struct answer_table *t, struct db *db, int64_t job, struct error *err)
{
    memset(t, 0, sizeof *t);
    return answer_scan(db, job, answer_table_row, t, err);
}
