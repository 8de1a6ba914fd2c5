/* picture.h - images to dense vectors by a single layer learned without labels.
 *
 * Coates, Ng, Lee, "An analysis of single-layer networks in unsupervised feature learning",
 * AISTATS 2011: 6x6 patches at stride 1, brightness and contrast normalised, ZCA-whitened, encoded
 * by the "triangle" distance to the atoms of a k-means dictionary, summed over the four quadrants,
 * standardised. The dictionary comes from the job's own images and travels with the feature file.
 */
#ifndef PLUMBLINE_LEARN_PICTURE_H
#define PLUMBLINE_LEARN_PICTURE_H

#include "plumbline/learn/features.h"

enum {
    LEARN_PATCH = 6,              /* pixels a side                                            */
    LEARN_PATCH_VALUES = LEARN_PATCH * LEARN_PATCH * 3,
    LEARN_SAMPLE_IMAGES = 4000,   /* more images than this make no better dictionary          */
};

struct learn_dictionary; /* immutable after it is made; may be shared */

/* Learns from n_images of side x side RGB (interleaved rows, 8 bit, one after another), at least 1.
 * The same input gives the same bytes. The caller frees. */
struct learn_dictionary *learn_dictionary_learn(const struct learn_extractor *x,
                                                const unsigned char *pixels, size_t n_images,
                                                struct error *err);
void learn_dictionary_free(struct learn_dictionary *d); /* NULL is fine */

/* As bytes, for the header of a feature file and for a model, and back (strict: outside bytes). The
 * size depends only on the extractor. `to` has learn_dictionary_size bytes. */
size_t learn_dictionary_size(const struct learn_extractor *x);
void   learn_dictionary_write(const struct learn_dictionary *d, void *to);
struct learn_dictionary *learn_dictionary_read(const struct learn_extractor *x, const void *bytes,
                                               size_t size, struct error *err);

struct learn_picture; /* scratch memory bound to a dictionary, which must outlive it */

struct learn_picture *learn_picture_new(const struct learn_dictionary *d);
void learn_picture_free(struct learn_picture *p); /* NULL is fine */

/* One image of side x side RGB to `columns` floats. */
void learn_picture_extract(struct learn_picture *p, const unsigned char *pixels, float *out);

/* A JPEG or PNG file to side x side RGB (side * side * 3 bytes) as the extractor wants it. */
bool learn_picture_decode(const struct learn_extractor *x, const void *bytes, size_t size,
                          unsigned char *pixels, struct error *err);

#endif
