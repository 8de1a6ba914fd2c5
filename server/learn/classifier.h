/* classifier.h - a model from the inside, and its training in steps, so that a round of the loop
 * can take its scores between training and calibration. Private to learn/. */
#ifndef LEARN_CLASSIFIER_H
#define LEARN_CLASSIFIER_H

#include "decision.h"
#include "plumbline/learn/calibrate.h"
#include "plumbline/learn/model.h"
#include "plumbline/learn/picture.h"
#include "reduce.h"

enum { FOLDS = 4 };

struct learn_model {
    struct encoder encoder; /* holds the extractor                             */
    void     *dictionary;   /* IMAGE, or NULL                                  */
    size_t    dictionary_size;
    uint32_t  n_classes, decisions, stride;
    bool      multilabel;
    char    **class_name;   /* n_classes                                       */
    float    *w;            /* (encoder.columns + 1) x stride                  */
    double    temperature;
    uint64_t  seed;
    char      library[LEARN_LIBRARY_SIZE]; /* the library that trained it, with its version         */
};

/* The training rows of a problem and the solution on all of them. */
struct fit {
    const struct learn_training *training;
    struct encoder      encoder;
    struct reduction    reduction;
    struct solver_rows *rows; /* encoded and reduced                            */
    size_t    n;              /* training rows                                  */
    uint32_t *row;            /* n: their row numbers                           */
    uint8_t  *wanted;         /* n x decisions                                  */
    uint8_t  *copies;         /* n: how often each counts                       */
    uint32_t  columns;        /* of rows: reduced                               */
    uint32_t  decisions, stride;
    double    c;
    float    *w;              /* (columns + 1) x stride: the solution           */
};

uint32_t classifier_decisions(uint32_t n_classes, bool multilabel);

/* Trains on all rows of t that have features and a label. 422 learn.no_labels when there are
 * none. */
bool fit_train(struct fit *f, const struct learn_training *t, struct error *err);
void fit_release(struct fit *f);

/* Out-of-fold scores: fold[i] of training row i is 0..FOLDS-1, or negative for a row that is in
 * every fold's training part and gets no score. z is n x stride. */
void fit_out_of_fold(struct fit *f, const int8_t *fold, float *z);

/* The model; the fit gives its encoder and weights away and is only good for releasing then. */
struct learn_model *fit_model(struct fit *f, double temperature);

/* The scores of one row before calibration, z[m->stride]. column and value are scratch with room
 * for the row's entries (TEXT) or all columns. */
void model_scores(const struct learn_model *m, const struct learn_row *row, uint32_t *column,
                  float *value, float *z);

#endif
