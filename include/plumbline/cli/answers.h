/* answers.h - the files of `plumbline consolidate`: answers and known labels.
 *
 * Names become numbers in order of first appearance for items and annotators; labels are put in
 * order when all are read: numbers by value before other texts, those by code point. */
#ifndef PLUMBLINE_CLI_ANSWERS_H
#define PLUMBLINE_CLI_ANSWERS_H

#include "plumbline/base/error.h"
#include "plumbline/base/intern.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct answers_table {
    struct intern items, annotators, labels; /* labels in order of first appearance */
    int32_t *label_order; /* labels.n: class -> number in `labels`; once all is read */
    bool     several;     /* several labels an item and annotator; an empty one says "none" */
    size_t   n, capacity;
    int32_t *item, *annotator, *label; /* n; label is a class once all is read, -1 = none */
};

void answers_init(struct answers_table *t, bool several);
void answers_release(struct answers_table *t);

/* Reads CSV with the columns item (or task), annotator (or worker), label. `source` is the name for
 * messages. Errors: 400 csv.malformed with the line. */
bool answers_read(struct answers_table *t, FILE *in, const char *source, struct error *err);

/* The same from memory. */
bool answers_read_bytes(struct answers_table *t, const void *bytes, size_t count,
                        const char *source, struct error *err);

/* The name of a class, once answers_read has succeeded. */
const struct intern_name *answers_label(const struct answers_table *t, int32_t class_);

/* The known labels of some items, by the names of the answers' file. */
struct truth_table {
    struct intern items, labels;
    struct intern pairs; /* of item and label: a row counts once */
    bool     several;
    size_t   n, capacity;
    int32_t *item, *label; /* n rows; label -1 = none; in single-label files one row an item */
};

void truth_init(struct truth_table *t, bool several);
void truth_release(struct truth_table *t);

/* Reads CSV with the columns item (or task) and label (or truth), or JSON Lines
 * {"item": ..., "label": ...} with a text, a number or, for several, a list. */
bool truth_read(struct truth_table *t, FILE *in, const char *source, struct error *err);
bool truth_read_bytes(struct truth_table *t, const void *bytes, size_t count, const char *source,
                      struct error *err);

#endif
