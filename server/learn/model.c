/* model.c - a trained model as bytes and back, and its predictions.
 *
 * Layout (little-endian hosts; integers and floats as the host has them, each array 8-byte aligned
 * from the start): magic "PLMODEL1", u32 format 1, u32 CRC-32 of all that follows, u64 bytes in
 * all, extractor, u32 classes, u32 multilabel, u32 model columns, u32 dictionary bytes, f64
 * temperature, u64 seed, library char[32] (name, version and solver of what trained it), class names (u32 length, bytes each), then the
 * arrays. */
#include "classifier.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FORMAT = 1, CLASSES_MAX = 10000, NAME_MAX_BYTES = 4096 };

static const char MAGIC[8] = "PLMODEL1";

struct header {
    char     magic[8];
    uint32_t format, crc; /* of the bytes after this header */
    uint64_t size;        /* header included                */
};

struct facts {
    struct learn_extractor extractor;
    uint32_t n_classes, multilabel, columns, dictionary_size;
    double   temperature;
    uint64_t seed;
    char     library[LEARN_LIBRARY_SIZE];
};

void learn_model_free(struct learn_model *m)
{
    if (!m)
        return;
    for (uint32_t k = 0; m->class_name && k < m->n_classes; k++)
        free(m->class_name[k]);
    free(m->class_name);
    free(m->dictionary);
    free(m->w);
    encoder_release(&m->encoder);
    free(m);
}

const struct learn_extractor *learn_model_extractor(const struct learn_model *m)
{
    return &m->encoder.extractor;
}

const void *learn_model_dictionary(const struct learn_model *m, size_t *size)
{
    *size = m->dictionary_size;
    return m->dictionary_size > 0 ? m->dictionary : NULL;
}

uint32_t learn_model_classes(const struct learn_model *m)
{
    return m->n_classes;
}

const char *learn_model_class(const struct learn_model *m, uint32_t index)
{
    return index < m->n_classes ? m->class_name[index] : NULL;
}

bool learn_model_is_multilabel(const struct learn_model *m)
{
    return m->multilabel;
}

double learn_model_temperature(const struct learn_model *m)
{
    return m->temperature;
}

const char *learn_model_library(const struct learn_model *m)
{
    return m->library;
}

static size_t weights_of(const struct learn_model *m)
{
    return ((size_t)m->encoder.columns + 1) * m->stride;
}

static void add_array(struct buf *out, size_t begin, const void *data, size_t bytes)
{
    static const char zeros[8];

    buf_add(out, zeros, (8 - (out->size - begin) % 8) % 8);
    buf_add(out, data, bytes);
}

static void write_arrays(const struct learn_model *m, struct buf *out, size_t begin)
{
    const struct encoder *e = &m->encoder;
    size_t floats = e->columns * sizeof(float);

    if (e->extractor.kind == LEARN_TEXT) {
        add_array(out, begin, e->hashed, e->columns * sizeof *e->hashed);
        add_array(out, begin, e->idf, floats);
    } else {
        add_array(out, begin, e->shift, floats);
        add_array(out, begin, e->scale, floats);
    }
    add_array(out, begin, m->w, weights_of(m) * sizeof *m->w);
    add_array(out, begin, m->dictionary, m->dictionary_size);
}

bool learn_model_write(const struct learn_model *m, struct buf *out)
{
    struct header h = {.format = FORMAT};
    struct facts f = {.extractor = m->encoder.extractor, .n_classes = m->n_classes,
                      .multilabel = m->multilabel, .columns = m->encoder.columns,
                      .dictionary_size = (uint32_t)m->dictionary_size,
                      .temperature = m->temperature, .seed = m->seed};
    size_t begin = out->size;

    memcpy(h.magic, MAGIC, sizeof h.magic);
    memcpy(f.library, m->library, sizeof f.library);
    buf_add(out, &h, sizeof h);
    buf_add(out, &f, sizeof f);
    for (uint32_t k = 0; k < m->n_classes; k++) {
        uint32_t length = (uint32_t)strlen(m->class_name[k]);

        buf_add(out, &length, sizeof length);
        buf_add(out, m->class_name[k], length);
    }
    write_arrays(m, out, begin);
    if (out->overflow)
        return false;
    h.size = out->size - begin;
    h.crc = (uint32_t)crc32_z(0, (const Bytef *)out->data + begin + sizeof h,
                              out->size - begin - sizeof h);
    memcpy(out->data + begin, &h, sizeof h);
    return true;
}

struct reader {
    const char *at, *begin, *end;
};

static bool read_bytes(struct reader *r, void *to, size_t size)
{
    if ((size_t)(r->end - r->at) < size)
        return false;
    if (size > 0)
        memcpy(to, r->at, size);
    r->at += size;
    return true;
}

/* An array of `count` elements; NULL when the bytes end before it does. */
static void *read_array(struct reader *r, size_t count, size_t size)
{
    size_t padding = (8 - (size_t)(r->at - r->begin) % 8) % 8;
    void *array;

    if ((size_t)(r->end - r->at) < padding || (size_t)(r->end - r->at) - padding < count * size)
        return NULL;
    r->at += padding;
    array = must_alloc(count * size + 1);
    read_bytes(r, array, count * size);
    return array;
}

static bool all_finite(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static bool facts_are_good(const struct facts *f)
{
    struct error ignored;
    bool text = f->extractor.kind == LEARN_TEXT;
    size_t dictionary;

    if (!learn_extractor_check(&f->extractor, &ignored))
        return false;
    dictionary = f->extractor.kind == LEARN_IMAGE ? learn_dictionary_size(&f->extractor) : 0;
    return f->n_classes >= 1 && f->n_classes <= CLASSES_MAX && f->multilabel <= 1 &&
           (text ? f->columns <= f->extractor.columns : f->columns == f->extractor.columns) &&
           (f->dictionary_size == 0 || f->dictionary_size == dictionary) &&
           isfinite(f->temperature) && f->temperature > 0 &&
           memchr(f->library, '\0', sizeof f->library);
}

static bool read_names(struct reader *r, struct learn_model *m)
{
    m->class_name = must_alloc((m->n_classes + 1) * sizeof *m->class_name);
    for (uint32_t k = 0; k < m->n_classes; k++) {
        uint32_t length;

        if (!read_bytes(r, &length, sizeof length) || length > NAME_MAX_BYTES)
            return false;
        m->class_name[k] = must_alloc((size_t)length + 1);
        if (!read_bytes(r, m->class_name[k], length) ||
            strlen(m->class_name[k]) != length || !utf8_is_valid(m->class_name[k], length))
            return false;
    }
    return true;
}

static bool read_arrays(struct reader *r, struct learn_model *m)
{
    struct encoder *e = &m->encoder;
    size_t columns = e->columns;

    if (e->extractor.kind == LEARN_TEXT) {
        e->hashed = read_array(r, columns, sizeof *e->hashed);
        e->idf = read_array(r, columns, sizeof *e->idf);
        if (!e->hashed || !e->idf || !encoder_restore_map(e) || !all_finite(e->idf, columns))
            return false;
    } else {
        e->shift = read_array(r, columns, sizeof *e->shift);
        e->scale = read_array(r, columns, sizeof *e->scale);
        if (!e->shift || !e->scale || !all_finite(e->shift, columns) ||
            !all_finite(e->scale, columns))
            return false;
    }
    m->w = read_array(r, weights_of(m), sizeof *m->w);
    m->dictionary = read_array(r, m->dictionary_size, 1);
    return m->w && m->dictionary && all_finite(m->w, weights_of(m)) && r->at == r->end;
}

static bool read_model(struct reader *r, struct learn_model *m)
{
    struct facts f;

    if (!read_bytes(r, &f, sizeof f) || !facts_are_good(&f))
        return false;
    m->encoder.extractor = f.extractor;
    m->encoder.columns = f.columns;
    m->dictionary_size = f.dictionary_size;
    m->n_classes = f.n_classes;
    m->multilabel = f.multilabel != 0;
    m->decisions = classifier_decisions(f.n_classes, m->multilabel);
    m->stride = decision_stride(m->decisions);
    m->temperature = f.temperature;
    m->seed = f.seed;
    memcpy(m->library, f.library, sizeof m->library);
    return read_names(r, m) && read_arrays(r, m);
}

struct learn_model *learn_model_read(const void *bytes, size_t size, struct error *err)
{
    struct reader r = {.at = bytes, .begin = bytes, .end = (const char *)bytes + size};
    struct learn_model *m;
    struct header h;

    if (!read_bytes(&r, &h, sizeof h) || memcmp(h.magic, MAGIC, sizeof MAGIC) != 0) {
        error_invalid(err, "model", "This is not a model file of this program.");
        return NULL;
    }
    if (h.format != FORMAT) {
        error_invalid(err, "model", "The model has format %u; this program reads format %d. "
                      "Train it again.", h.format, FORMAT);
        return NULL;
    }
    if (h.size != size ||
        h.crc != (uint32_t)crc32_z(0, (const Bytef *)r.at, (size_t)(r.end - r.at))) {
        error_invalid(err, "model", "The model file is damaged or cut off.");
        return NULL;
    }
    m = must_alloc(sizeof *m);
    if (!read_model(&r, m)) {
        error_invalid(err, "model", "The model file is malformed at byte %zu.",
                      (size_t)(r.at - r.begin));
        learn_model_free(m);
        return NULL;
    }
    return m;
}

void model_scores(const struct learn_model *m, const struct learn_row *row, uint32_t *column,
                  float *value, float *z)
{
    bool sparse = m->encoder.extractor.kind == LEARN_TEXT;
    size_t n = encoder_row(&m->encoder, row, column, value);

    decision_values(m->w, m->encoder.columns, m->stride, sparse ? column : NULL, value, n, z);
}

void learn_model_predict(const struct learn_model *m, const struct learn_row *row, float *p)
{
    size_t n = m->encoder.extractor.kind == LEARN_TEXT ? row->n : m->encoder.columns;
    uint32_t *column = must_alloc((n + 1) * sizeof *column);
    float *value = must_alloc((n + 1 + m->stride) * sizeof *value), *z = value + n + 1;

    model_scores(m, row, column, value, z);
    learn_probabilities(z, m->decisions, m->n_classes, m->multilabel, m->temperature, p);
    free(column);
    free(value);
}
