/* picture.h (private) - the dictionary as both of its users see it. */
#ifndef LEARN_PICTURE_PRIVATE_H
#define LEARN_PICTURE_PRIVATE_H

#include "plumbline/learn/picture.h"

enum { PATCH_VALUES = LEARN_PATCH_VALUES };

struct learn_dictionary {
    struct learn_extractor extractor;
    float *mean;    /* PATCH_VALUES: of normalised patches                    */
    float *whiten;  /* PATCH_VALUES x PATCH_VALUES, symmetric                 */
    float *atom;    /* atoms x PATCH_VALUES                                   */
    float *squares; /* atoms: squared lengths                                 */
};

/* The patch at (x, y) of a side x side RGB image, brightness and contrast normalised. */
void picture_patch(const unsigned char *pixels, uint32_t side, uint32_t x, uint32_t y, float *out);

struct learn_dictionary *picture_dictionary_new(const struct learn_extractor *x);

#endif
