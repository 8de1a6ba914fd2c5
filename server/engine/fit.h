/* fit.h - a job's answers as plain arrays, and the fit over them; private to engine/. */
#ifndef ENGINE_FIT_H
#define ENGINE_FIT_H

#include "plumbline/consensus/classes.h"
#include "plumbline/engine/service.h"

/* Numbers 64-bit ids from 0 in order of first appearance. */
struct idmap {
    int64_t *id;    /* id[index] */
    int32_t  n;
    int32_t *slot;  /* open addressing: index + 1, 0 = free */
    size_t   slots; /* a power of two */
};

void    idmap_release(struct idmap *m);
int32_t idmap_add(struct idmap *m, int64_t id);        /* its index */
int32_t idmap_find(const struct idmap *m, int64_t id); /* -1: not there */

struct answer_table {
    struct idmap items, people;
    int32_t     *item, *person, *label;
    size_t       n, capacity;
};

void answer_table_add(struct answer_table *t, int64_t item, int64_t person, int32_t label);
void answer_table_release(struct answer_table *t);

/* An answer_each that adds to the table. */
bool answer_table_row(void *table, int64_t item, int64_t person, int class_index,
                      struct error *err);

/* All answers of the job that count. */
bool answer_table_load(struct answer_table *t, struct db *db, int64_t job, struct error *err);

#endif
