/* model.h - a trained classifier as one self-contained run of bytes.
 *
 * It holds the extractor and its dictionary, the class names, inverse document frequencies or the
 * scaling of dense columns, the weights, the temperature, the seed and the name and version of
 * the training library. Predicting needs nothing else. The reader is strict: bytes may come from outside.
 *
 * One linear decision a class (one-vs-rest, L2-regularised logistic), trained by liblinear (Fan,
 * Chang, Hsieh, Wang, Lin, JMLR 9, 2008). liblinear has process-wide state (rand() and a print
 * hook): one thread of a process may train at a time. The same input gives the same bytes on the
 * same machine with the same libraries. A single-label model gives
 * probabilities that sum to 1; a multi-label model one independent probability a class.
 */
#ifndef PLUMBLINE_LEARN_MODEL_H
#define PLUMBLINE_LEARN_MODEL_H

#include "plumbline/base/buf.h"
#include "plumbline/learn/features.h"

struct learn_model; /* immutable once made */

void learn_model_free(struct learn_model *m); /* NULL is fine */

bool learn_model_write(const struct learn_model *m, struct buf *out);
struct learn_model *learn_model_read(const void *bytes, size_t size, struct error *err);

const struct learn_extractor *learn_model_extractor(const struct learn_model *m);
const void *learn_model_dictionary(const struct learn_model *m, size_t *size); /* borrowed */
uint32_t    learn_model_classes(const struct learn_model *m);
const char *learn_model_class(const struct learn_model *m, uint32_t index); /* borrowed */
bool        learn_model_is_multilabel(const struct learn_model *m);
double      learn_model_temperature(const struct learn_model *m);
const char *learn_model_library(const struct learn_model *m); /* borrowed; as learn_library */

/* What trains in this process: "liblinear 2.30 L2R_LR_DUAL". */
enum { LEARN_LIBRARY_SIZE = 32 };
void learn_library(char name[LEARN_LIBRARY_SIZE]);

/* Calibrated probabilities of one row into p[classes]. The row must be of the model's extractor. */
void learn_model_predict(const struct learn_model *m, const struct learn_row *row, float *p);

/* What is needed to train one. Rows whose label is negative or that have no features are left
 * out. */
struct learn_training {
    const struct learn_rows  *rows;
    const void               *dictionary; /* IMAGE: its bytes, to be put into the model; or NULL */
    size_t                    dictionary_size;
    uint32_t                  n_classes;
    const char *const        *class_names;
    bool                      multilabel;
    const int32_t            *label;  /* rows->n: class index, or negative; multilabel: 0 known */
    const uint8_t            *sets;   /* multilabel: rows->n x n_classes, 1 = has it; else NULL */
    const uint8_t            *weight; /* rows->n weights 1..255, as so many copies; or NULL */
    bool                      queried; /* items were chosen for being hard, as the loop does */
    uint64_t                  seed;
};

/* Trains on all labelled rows; the temperature comes from 4-fold out-of-fold scores. One class only
 * is not an error: the model then always answers that class. 422 learn.no_labels without any
 * label. */
struct learn_model *learn_model_train(const struct learn_training *t, struct error *err);

#endif
