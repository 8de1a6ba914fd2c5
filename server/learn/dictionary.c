/* dictionary.c - learning a dictionary of patches: sample, whiten, k-means.
 *
 * Whitening: ZCA of the patches' covariance with eps 0.1 (Coates, Ng, Lee 2011). The dictionary
 * starts as spherical k-means, whose atoms cannot die far from all patches (Coates and Ng,
 * "Learning feature representations with k-means", 2012), and ends with plain k-means, whose
 * distances the triangle activation uses. */
#include "picture.h"

#include "blas.h"
#include "plumbline/base/arena.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE_PATCHES = 50000,
    SPHERICAL_ROUNDS = 6,
    PLAIN_ROUNDS = 10,
    CHUNK = 1000, /* patches a matrix product */
};

static const double WHITEN_EPS = 0.1;

struct sample {
    float   *patch; /* n x PATCH_VALUES */
    size_t   n;
    uint64_t random;
};

static void take_patches(struct sample *s, const struct learn_extractor *x,
                         const unsigned char *pixels, size_t n_images)
{
    size_t image_bytes = (size_t)x->side * x->side * 3, places = x->side - LEARN_PATCH + 1;

    for (size_t i = 0; i < s->n; i++) {
        size_t image = i % n_images;
        uint32_t at_x = (uint32_t)random_below(&s->random, places);
        uint32_t at_y = (uint32_t)random_below(&s->random, places);

        picture_patch(pixels + image * image_bytes, x->side, at_x, at_y,
                      s->patch + i * PATCH_VALUES);
    }
}

static void subtract_mean(struct sample *s, float *mean)
{
    double sum[PATCH_VALUES] = {0};

    for (size_t i = 0; i < s->n; i++)
        for (int k = 0; k < PATCH_VALUES; k++)
            sum[k] += s->patch[i * PATCH_VALUES + k];
    for (int k = 0; k < PATCH_VALUES; k++)
        mean[k] = (float)(sum[k] / (double)s->n);
    for (size_t i = 0; i < s->n; i++)
        for (int k = 0; k < PATCH_VALUES; k++)
            s->patch[i * PATCH_VALUES + k] -= mean[k];
}

/* whiten = V diag(1 / sqrt(value + eps)) Vᵀ of the covariance. */
static bool learn_whitening(const struct sample *s, float *whiten)
{
    double *a = must_alloc(PATCH_VALUES * PATCH_VALUES * sizeof *a), values[PATCH_VALUES];
    bool ok;

    for (size_t i = 0; i < s->n; i += CHUNK)
        blas_add_squares(s->patch + i * PATCH_VALUES, a, s->n - i < CHUNK ? s->n - i : CHUNK,
                         PATCH_VALUES);
    for (int i = 0; i < PATCH_VALUES * PATCH_VALUES; i++)
        a[i] /= (double)s->n;
    ok = blas_symmetric_eigen(a, values, PATCH_VALUES);
    for (int i = 0; ok && i < PATCH_VALUES; i++)
        for (int j = 0; j < PATCH_VALUES; j++) {
            double sum = 0;

            for (int v = 0; v < PATCH_VALUES; v++)
                sum += a[v * PATCH_VALUES + i] * a[v * PATCH_VALUES + j] /
                       sqrt(fmax(values[v], 0) + WHITEN_EPS);
            whiten[i * PATCH_VALUES + j] = (float)sum;
        }
    free(a);
    return ok;
}

static void apply_whitening(struct sample *s, const float *whiten)
{
    float *white = must_alloc(CHUNK * PATCH_VALUES * sizeof *white);

    for (size_t i = 0; i < s->n; i += CHUNK) {
        size_t n = s->n - i < CHUNK ? s->n - i : CHUNK;

        blas_multiply(s->patch + i * PATCH_VALUES, whiten, white, n, PATCH_VALUES, PATCH_VALUES);
        memcpy(s->patch + i * PATCH_VALUES, white, n * PATCH_VALUES * sizeof *white);
    }
    free(white);
}

/* Scales every atom to length 1, or only notes the squared lengths. */
static void measure_atoms(struct learn_dictionary *d, bool to_unit)
{
    for (uint32_t k = 0; k < d->extractor.atoms; k++) {
        float *atom = d->atom + (size_t)k * PATCH_VALUES;
        double sum = 0;

        for (int i = 0; i < PATCH_VALUES; i++)
            sum += (double)atom[i] * atom[i];
        d->squares[k] = (float)sum;
        if (to_unit && sum > 0) {
            float scale = (float)(1 / sqrt(sum));

            for (int i = 0; i < PATCH_VALUES; i++)
                atom[i] *= scale;
            d->squares[k] = 1;
        }
    }
}

static void take_atom(struct learn_dictionary *d, struct sample *s, uint32_t k)
{
    memcpy(d->atom + (size_t)k * PATCH_VALUES,
           s->patch + random_below(&s->random, s->n) * PATCH_VALUES, PATCH_VALUES * sizeof(float));
}

/* The atom with the largest x·c - |c|²/2: the nearest; for unit atoms the one of the same
 * direction. */
static uint32_t nearest(const float *product, const float *squares, uint32_t atoms)
{
    float most = product[0] - squares[0] / 2;
    uint32_t best = 0;

    for (uint32_t k = 1; k < atoms; k++) {
        float score = product[k] - squares[k] / 2;

        if (score > most) {
            most = score;
            best = k;
        }
    }
    return best;
}

/* One round of k-means; an atom that no patch is nearest to starts again at a random patch. */
static void refine(struct learn_dictionary *d, struct sample *s, bool spherical)
{
    uint32_t atoms = d->extractor.atoms;
    float *product = must_alloc((size_t)CHUNK * atoms * sizeof *product);
    double *sum = must_alloc((size_t)atoms * PATCH_VALUES * sizeof *sum);
    size_t *count = must_alloc(atoms * sizeof *count);

    measure_atoms(d, spherical);
    for (size_t i = 0; i < s->n; i += CHUNK) {
        size_t n = s->n - i < CHUNK ? s->n - i : CHUNK;

        blas_multiply(s->patch + i * PATCH_VALUES, d->atom, product, n, atoms, PATCH_VALUES);
        for (size_t j = 0; j < n; j++) {
            uint32_t k = nearest(product + j * atoms, d->squares, atoms);

            count[k]++;
            for (int v = 0; v < PATCH_VALUES; v++)
                sum[(size_t)k * PATCH_VALUES + v] += s->patch[(i + j) * PATCH_VALUES + v];
        }
    }
    for (uint32_t k = 0; k < atoms; k++) {
        if (count[k] == 0)
            take_atom(d, s, k);
        for (int v = 0; v < PATCH_VALUES && count[k] > 0; v++)
            d->atom[(size_t)k * PATCH_VALUES + v] =
                (float)(sum[(size_t)k * PATCH_VALUES + v] / (double)count[k]);
    }
    free(product);
    free(sum);
    free(count);
}

struct learn_dictionary *learn_dictionary_learn(const struct learn_extractor *x,
                                                const unsigned char *pixels, size_t n_images,
                                                struct error *err)
{
    struct sample s = {.n = SAMPLE_PATCHES, .random = x->seed};
    struct learn_dictionary *d;

    if (!learn_extractor_check(x, err))
        return NULL;
    if (x->kind != LEARN_IMAGE || n_images == 0) {
        error_invalid(err, "images", "A dictionary is learned from at least one image.");
        return NULL;
    }
    d = picture_dictionary_new(x);
    s.patch = must_alloc(s.n * PATCH_VALUES * sizeof *s.patch);
    take_patches(&s, x, pixels, n_images);
    subtract_mean(&s, d->mean);
    if (!learn_whitening(&s, d->whiten)) {
        error_internal(err, "The covariance of the patches has no eigenvalues.");
        learn_dictionary_free(d);
        d = NULL;
        goto out;
    }
    apply_whitening(&s, d->whiten);
    for (uint32_t k = 0; k < x->atoms; k++)
        take_atom(d, &s, k);
    for (int i = 0; i < SPHERICAL_ROUNDS + PLAIN_ROUNDS; i++)
        refine(d, &s, i < SPHERICAL_ROUNDS);
    measure_atoms(d, false);
out:
    free(s.patch);
    return d;
}
