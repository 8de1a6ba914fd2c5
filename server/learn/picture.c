/* picture.c - one image to its vector, and the dictionary as bytes.
 *
 * Steps, each over all patches of the image at once so that the work is two matrix products:
 * normalise, whiten, distance to every atom, triangle activation (how much nearer than the mean
 * distance), sum over the quadrants. */
#include "picture.h"

#include "blas.h"
#include "hot.h"
#include "plumbline/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float CONTRAST_FLOOR = 10; /* added to the variance of a patch: flat ones stay flat */

void picture_patch(const unsigned char *pixels, uint32_t side, uint32_t x, uint32_t y, float *out)
{
    float sum = 0, squares = 0, mean, scale;
    float *to = out;

    for (uint32_t r = 0; r < LEARN_PATCH; r++) {
        const unsigned char *from = pixels + ((size_t)(y + r) * side + x) * 3;

        for (uint32_t c = 0; c < LEARN_PATCH * 3; c++)
            *to++ = from[c];
    }
    for (int i = 0; i < PATCH_VALUES; i++) {
        sum += out[i];
        squares += out[i] * out[i];
    }
    mean = sum / PATCH_VALUES;
    scale = 1 / sqrtf(fmaxf(squares / PATCH_VALUES - mean * mean, 0) + CONTRAST_FLOOR);
    for (int i = 0; i < PATCH_VALUES; i++)
        out[i] = (out[i] - mean) * scale;
}

struct learn_dictionary *picture_dictionary_new(const struct learn_extractor *x)
{
    struct learn_dictionary *d = must_alloc(sizeof *d);

    d->extractor = *x;
    d->mean = must_alloc(PATCH_VALUES * sizeof *d->mean);
    d->whiten = must_alloc(PATCH_VALUES * PATCH_VALUES * sizeof *d->whiten);
    d->atom = must_alloc((size_t)x->atoms * PATCH_VALUES * sizeof *d->atom);
    d->squares = must_alloc(x->atoms * sizeof *d->squares);
    return d;
}

void learn_dictionary_free(struct learn_dictionary *d)
{
    if (!d)
        return;
    free(d->mean);
    free(d->whiten);
    free(d->atom);
    free(d->squares);
    free(d);
}

size_t learn_dictionary_size(const struct learn_extractor *x)
{
    return (PATCH_VALUES + PATCH_VALUES * PATCH_VALUES + (size_t)x->atoms * PATCH_VALUES +
            x->atoms) * sizeof(float);
}

/* The four arrays in the order of the struct; their lengths in floats. */
static void parts_of(const struct learn_dictionary *d, float *part[4], size_t length[4])
{
    part[0] = d->mean, length[0] = PATCH_VALUES;
    part[1] = d->whiten, length[1] = PATCH_VALUES * PATCH_VALUES;
    part[2] = d->atom, length[2] = (size_t)d->extractor.atoms * PATCH_VALUES;
    part[3] = d->squares, length[3] = d->extractor.atoms;
}

void learn_dictionary_write(const struct learn_dictionary *d, void *to)
{
    float *part[4];
    size_t length[4];
    char *at = to;

    parts_of(d, part, length);
    for (int i = 0; i < 4; i++) {
        memcpy(at, part[i], length[i] * sizeof(float));
        at += length[i] * sizeof(float);
    }
}

struct learn_dictionary *learn_dictionary_read(const struct learn_extractor *x, const void *bytes,
                                               size_t size, struct error *err)
{
    struct learn_dictionary *d;
    const char *at = bytes;
    float *part[4];
    size_t length[4];

    if (!learn_extractor_check(x, err))
        return NULL;
    if (x->kind != LEARN_IMAGE || size != learn_dictionary_size(x)) {
        error_invalid(err, "dictionary", "The image dictionary has %zu bytes, which do not fit its "
                      "extractor.", size);
        return NULL;
    }
    d = picture_dictionary_new(x);
    parts_of(d, part, length);
    for (int i = 0; i < 4; i++) {
        memcpy(part[i], at, length[i] * sizeof(float));
        at += length[i] * sizeof(float);
        for (size_t k = 0; k < length[i]; k++)
            if (!isfinite(part[i][k])) {
                error_invalid(err, "dictionary", "The image dictionary holds a number that is not "
                              "finite.");
                learn_dictionary_free(d);
                return NULL;
            }
    }
    return d;
}

struct learn_picture {
    const struct learn_dictionary *dictionary;
    uint32_t places;  /* patches along one side */
    float *patch, *white, *product, *squares;
};

struct learn_picture *learn_picture_new(const struct learn_dictionary *d)
{
    struct learn_picture *p = must_alloc(sizeof *p);
    size_t patches;

    p->dictionary = d;
    p->places = d->extractor.side - LEARN_PATCH + 1;
    patches = (size_t)p->places * p->places;
    p->patch = must_alloc(patches * PATCH_VALUES * sizeof(float));
    p->white = must_alloc(patches * PATCH_VALUES * sizeof(float));
    p->product = must_alloc(patches * d->extractor.atoms * sizeof(float));
    p->squares = must_alloc(patches * sizeof(float));
    return p;
}

void learn_picture_free(struct learn_picture *p)
{
    if (!p)
        return;
    free(p->patch);
    free(p->white);
    free(p->product);
    free(p->squares);
    free(p);
}

static void whiten_patches(struct learn_picture *p, const unsigned char *pixels)
{
    const struct learn_dictionary *d = p->dictionary;
    size_t patches = (size_t)p->places * p->places;

    for (uint32_t y = 0; y < p->places; y++)
        for (uint32_t x = 0; x < p->places; x++) {
            float *patch = p->patch + ((size_t)y * p->places + x) * PATCH_VALUES;

            picture_patch(pixels, d->extractor.side, x, y, patch);
            for (int i = 0; i < PATCH_VALUES; i++)
                patch[i] -= d->mean[i];
        }
    blas_multiply(p->patch, d->whiten, p->white, patches, PATCH_VALUES, PATCH_VALUES);
    for (size_t i = 0; i < patches; i++) {
        const float *v = p->white + i * PATCH_VALUES;
        float sum = 0;

        for (int k = 0; k < PATCH_VALUES; k++)
            sum += v[k] * v[k];
        p->squares[i] = sum;
    }
}

/* Adds the triangle activations of one patch, max(0, mean distance - distance), to `out`. */
HOT static void
activate(float *restrict product, const float *restrict atom_squares, float squares, uint32_t atoms,
         float *restrict out)
{
    float sum = 0, mean;

    for (uint32_t k = 0; k < atoms; k++) {
        product[k] = sqrtf(fmaxf(squares - 2 * product[k] + atom_squares[k], 0));
        sum += product[k];
    }
    mean = sum / (float)atoms;
    for (uint32_t k = 0; k < atoms; k++)
        out[k] += fmaxf(mean - product[k], 0);
}

void learn_picture_extract(struct learn_picture *p, const unsigned char *pixels, float *out)
{
    const struct learn_dictionary *d = p->dictionary;
    uint32_t atoms = d->extractor.atoms, middle = (p->places + 1) / 2;

    whiten_patches(p, pixels);
    blas_multiply(p->white, d->atom, p->product, (size_t)p->places * p->places, atoms,
                  PATCH_VALUES);
    memset(out, 0, 4 * (size_t)atoms * sizeof *out);
    for (uint32_t y = 0; y < p->places; y++)
        for (uint32_t x = 0; x < p->places; x++) {
            size_t i = (size_t)y * p->places + x, quadrant = (y >= middle) * 2 + (x >= middle);

            activate(p->product + i * atoms, d->squares, p->squares[i], atoms,
                     out + quadrant * atoms);
        }
}
