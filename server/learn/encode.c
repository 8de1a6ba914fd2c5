/* encode.c - tf-idf for sparse counts, standardisation for dense rows. */
#include "encode.h"

#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Document frequencies and means from so many rows at most, evenly spread: more would not move them
 * and a round on a million items would read gigabytes. */
enum { STATISTICS_ROWS = 50000 };

#define COLUMN_OF(entry) ((entry) >> LEARN_COUNT_BITS)
#define COUNT_OF(entry)  ((entry) & LEARN_COUNT_MAX)

void encoder_release(struct encoder *e)
{
    free(e->map);
    free(e->hashed);
    free(e->idf);
    free(e->shift);
    free(e->scale);
    *e = (struct encoder){0};
}

bool encoder_restore_map(struct encoder *e)
{
    e->map = must_alloc(sizeof *e->map << LEARN_TEXT_BITS);
    memset(e->map, 0xFF, sizeof *e->map << LEARN_TEXT_BITS);
    for (uint32_t c = 0; c < e->columns; c++) {
        if (e->hashed[c] >> LEARN_TEXT_BITS || (c > 0 && e->hashed[c] <= e->hashed[c - 1]))
            return false;
        e->map[e->hashed[c]] = (int32_t)c;
    }
    return true;
}

static void mark_columns(const struct learn_row *row, uint32_t *frequency)
{
    const uint32_t *entry = row->data;

    for (size_t k = 0; k < row->n; k++)
        frequency[COLUMN_OF(entry[k])]++;
}

static size_t stride_of(const struct learn_rows *rows)
{
    return rows->n / STATISTICS_ROWS + 1;
}

/* How many of the sampled rows have each column; returns the number of rows looked at. */
static size_t document_frequencies(const struct learn_rows *rows, uint32_t *frequency)
{
    size_t seen = 0;

    for (size_t i = 0; i < rows->n; i += stride_of(rows)) {
        if (!rows->row[i].data)
            continue;
        mark_columns(&rows->row[i], frequency);
        seen++;
    }
    return seen;
}

/* The smallest number of training rows a column must be in, so that at most `max` columns stay. */
static uint32_t least_frequency(const uint32_t *in_train, size_t columns, size_t max)
{
    uint32_t least = 1;

    for (;; least *= 2) {
        size_t kept = 0;

        for (size_t c = 0; c < columns; c++)
            kept += in_train[c] >= least;
        if (kept <= max)
            return least;
    }
}

static void learn_text_columns(struct encoder *e, const struct learn_rows *rows,
                               const uint32_t *train, size_t n_train, size_t columns_max)
{
    const size_t all = (size_t)1 << LEARN_TEXT_BITS;
    uint32_t *frequency = must_alloc(all * sizeof *frequency);
    uint32_t *in_train = must_alloc(all * sizeof *in_train);
    size_t documents = document_frequencies(rows, frequency);
    uint32_t least;

    for (size_t i = 0; i < n_train; i++)
        mark_columns(&rows->row[train[i]], in_train);
    for (size_t c = 0; c < all; c++) /* a column of one item alone says nothing about others */
        if (frequency[c] < 2 && in_train[c] < 2)
            in_train[c] = 0;
    least = least_frequency(in_train, all, columns_max);
    e->hashed = must_alloc(all * sizeof *e->hashed);
    e->idf = must_alloc(all * sizeof *e->idf);
    for (size_t c = 0; c < all; c++) {
        uint32_t df = frequency[c] > in_train[c] ? frequency[c] : in_train[c];

        if (in_train[c] < least)
            continue;
        e->hashed[e->columns] = (uint32_t)c;
        e->idf[e->columns++] = logf((1.0f + (float)documents) / (1.0f + (float)df)) + 1.0f;
    }
    e->hashed = must_realloc(e->hashed, e->columns + 1, sizeof *e->hashed);
    e->idf = must_realloc(e->idf, e->columns + 1, sizeof *e->idf);
    encoder_restore_map(e);
    free(frequency);
    free(in_train);
}

static void learn_dense_columns(struct encoder *e, const struct learn_rows *rows)
{
    uint32_t columns = rows->extractor.columns;
    double *sum = must_alloc((columns + 1) * sizeof *sum);
    double *squares = must_alloc((columns + 1) * sizeof *squares);
    size_t seen = 0;

    e->columns = columns;
    e->shift = must_alloc(columns * sizeof *e->shift);
    e->scale = must_alloc(columns * sizeof *e->scale);
    for (size_t i = 0; i < rows->n; i += stride_of(rows)) {
        const float *v = rows->row[i].data;

        if (!v)
            continue;
        for (uint32_t c = 0; c < columns; c++) {
            sum[c] += v[c];
            squares[c] += (double)v[c] * v[c];
        }
        seen++;
    }
    for (uint32_t c = 0; c < columns && seen > 0; c++) {
        double mean = sum[c] / (double)seen, variance = squares[c] / (double)seen - mean * mean;

        e->shift[c] = (float)mean;
        if (variance > 1e-12 * (1 + mean * mean)) /* a constant column says nothing */
            e->scale[c] = (float)(1 / sqrt(variance * columns));
    }
    free(sum);
    free(squares);
}

void encoder_learn(struct encoder *e, const struct learn_rows *rows, const uint32_t *train,
                   size_t n_train, size_t columns_max)
{
    *e = (struct encoder){.extractor = rows->extractor};
    if (rows->extractor.kind == LEARN_TEXT)
        learn_text_columns(e, rows, train, n_train, columns_max);
    else
        learn_dense_columns(e, rows);
}

/* Scales value[0..n-1] to the given squared length. */
static void scale_to(float *value, size_t n, double wanted)
{
    double squares = 0;
    float factor;

    for (size_t k = 0; k < n; k++)
        squares += (double)value[k] * value[k];
    factor = squares > 0 ? (float)sqrt(wanted / squares) : 0;
    for (size_t k = 0; k < n; k++)
        value[k] *= factor;
}

/* Runs and words get half of the length each, for there are many more runs than words. */
static size_t encode_text(const struct encoder *e, const struct learn_row *row, uint32_t *column,
                          float *value)
{
    const uint32_t *entry = row->data;
    size_t n = 0, runs = 0;

    for (size_t k = 0; k < row->n; k++) {
        int32_t c = e->map[COLUMN_OF(entry[k])];
        uint32_t count = COUNT_OF(entry[k]);

        if (c < 0)
            continue;
        runs += COLUMN_OF(entry[k]) < LEARN_TEXT_WORDS;
        column[n] = (uint32_t)c;
        value[n++] = e->idf[c] * (count == 1 ? 1.0f : 1.0f + logf((float)count));
    }
    scale_to(value, runs, runs < n ? 0.5 : 1);
    scale_to(value + runs, n - runs, runs > 0 ? 0.5 : 1);
    return n;
}

size_t encoder_row(const struct encoder *e, const struct learn_row *row, uint32_t *column,
                   float *value)
{
    const float *v = row->data;

    if (e->extractor.kind == LEARN_TEXT)
        return encode_text(e, row, column, value);
    for (uint32_t c = 0; c < e->columns; c++)
        value[c] = (v[c] - e->shift[c]) * e->scale[c];
    return e->columns;
}
