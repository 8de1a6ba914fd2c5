/* test_picture.c - the image layer on made-up stripes, and on real photographs where they are
 * there. */
#include "../../../server/learn/picture.h"
#include "../check.h"
#include "plumbline/learn/model.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 32, BYTES = SIDE * SIDE * 3, IMAGES = 120 };

/* Stripes across or down, of random phase and colour. */
static void stripes(unsigned char *pixels, int kind, unsigned *random)
{
    int phase = (int)((*random = *random * 1103515245 + 12345) >> 16) % 6;
    int colour = (int)((*random = *random * 1103515245 + 12345) >> 16) % 3;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 3; c++)
                pixels[(y * SIDE + x) * 3 + c] =
                    (unsigned char)(((kind ? x : y) + phase) / 3 % 2 ? 200 : c == colour ? 90 : 40);
}

static struct learn_extractor small_extractor(void)
{
    struct learn_extractor x = learn_extractor_image(1);

    x.atoms = 24;
    x.columns = 4 * x.atoms;
    return x;
}

static void test_patch(void)
{
    unsigned char flat[BYTES];
    float patch[PATCH_VALUES];
    double sum = 0, squares = 0;

    memset(flat, 77, sizeof flat);
    picture_patch(flat, SIDE, 3, 4, patch);
    CHECK_NEAR("a flat patch is 0", patch[50], 0, 1e-4);
    for (size_t i = 0; i < sizeof flat; i++)
        flat[i] = (unsigned char)(i * 7);
    picture_patch(flat, SIDE, 0, 0, patch);
    for (int i = 0; i < PATCH_VALUES; i++) {
        sum += patch[i];
        squares += patch[i] * patch[i];
    }
    CHECK_NEAR("mean 0", sum, 0, 1e-2);
    CHECK_NEAR("variance near 1", squares / PATCH_VALUES, 1, 0.02);
}

static void test_stripes(void)
{
    struct learn_extractor x = small_extractor();
    unsigned char *pixels = malloc((size_t)IMAGES * BYTES);
    float *vector = malloc((size_t)IMAGES * x.columns * sizeof *vector), again[96];
    static const char *const names[] = {"across", "down"};
    struct learn_row row[IMAGES];
    struct learn_rows rows = {.extractor = x, .row = row, .n = IMAGES};
    int32_t label[IMAGES];
    struct learn_training t = {.rows = &rows, .n_classes = 2, .class_names = names, .label = label};
    struct learn_dictionary *d, *copy;
    struct learn_picture *p;
    struct learn_model *m;
    struct error err = {0};
    size_t size = learn_dictionary_size(&x), right = 0;
    unsigned random = 1;
    void *bytes = malloc(size);

    for (int i = 0; i < IMAGES; i++)
        stripes(pixels + (size_t)i * BYTES, i % 2, &random);
    d = learn_dictionary_learn(&x, pixels, IMAGES, &err);
    learn_dictionary_write(d, bytes);
    copy = learn_dictionary_read(&x, bytes, size, &err);
    CHECK("dictionary from bytes", copy != NULL);
    p = learn_picture_new(d);
    for (int i = 0; i < IMAGES; i++) {
        learn_picture_extract(p, pixels + (size_t)i * BYTES, vector + (size_t)i * x.columns);
        row[i] = (struct learn_row){vector + (size_t)i * x.columns, x.columns};
        label[i] = i < 60 ? i % 2 : -1;
    }
    learn_picture_free(p);
    p = learn_picture_new(copy);
    learn_picture_extract(p, pixels, again);
    CHECK("the same features from the copy", memcmp(again, vector, sizeof again) == 0);
    m = learn_model_train(&t, &err);
    for (int i = 60; i < IMAGES; i++) {
        float q[2];

        learn_model_predict(m, &row[i], q);
        right += (q[1] > q[0]) == i % 2;
    }
    CHECK("tells stripes apart", right >= 57);
    ((float *)bytes)[5] = NAN;
    CHECK("a broken dictionary is refused", !learn_dictionary_read(&x, bytes, size, &err));
    CHECK("a short one too", !learn_dictionary_read(&x, bytes, size - 4, &err));
    learn_model_free(m);
    learn_picture_free(p);
    learn_dictionary_free(d);
    learn_dictionary_free(copy);
    free(bytes);
    free(vector);
    free(pixels);
}

static void test_one_flat_image(void)
{
    struct learn_extractor x = small_extractor();
    unsigned char pixels[BYTES];
    struct error err = {0};
    struct learn_dictionary *d;
    struct learn_picture *p;
    float v[96];
    bool finite = true;

    memset(pixels, 128, sizeof pixels);
    d = learn_dictionary_learn(&x, pixels, 1, &err);
    p = learn_picture_new(d);
    learn_picture_extract(p, pixels, v);
    for (size_t i = 0; i < COUNT(v); i++)
        finite = finite && isfinite(v[i]);
    CHECK("one flat image gives finite numbers", finite);
    learn_picture_free(p);
    learn_dictionary_free(d);
    CHECK("no image is an error", !learn_dictionary_learn(&x, pixels, 0, &err));
}

int main(void)
{
    test_patch();
    test_stripes();
    test_one_flat_image();
    return check_done();
}
