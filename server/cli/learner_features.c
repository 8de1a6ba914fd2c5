/* learner_features.c - the features of a manifest's items, in this process.
 *
 * The commands work on files their user chose, so they do without the child processes that the
 * service decodes strangers' images in. */
#include "learner.h"

#include "plumbline/base/buf.h"
#include "plumbline/learn/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_FILE_MAX = 256 << 20 };

/* Keeps a copy of the row in the set's arena. */
static void keep_row(struct learner_set *set, size_t i, const void *data, size_t n)
{
    void *copy = arena_alloc(&set->arena, n * sizeof(uint32_t) + 1); /* entries, floats: 4 bytes */

    if (n > 0)
        memcpy(copy, data, n * sizeof(uint32_t));
    set->row[i] = (struct learn_row){.data = copy, .n = n};
}

bool learner_text_features(struct learner_set *set, struct learn_text *text,
                           const struct manifest_item *item, size_t i)
{
    struct error why = {0};
    struct learn_row row;

    if (!item->text)
        set->item[i].failure = "its text is not a local file that can be read";
    else if (!learn_text_extract(text, item->text, item->text_size, &row, &why))
        set->item[i].failure = arena_strdup(&set->arena, why.message);
    else
        keep_row(set, i, row.data, row.n);
    return true;
}

bool learner_vector_features(struct learner_set *set, json_t *embedding, size_t i,
                             struct error *err)
{
    size_t n = json_array_size(embedding);
    float *v;

    if (!embedding) {
        set->item[i].failure = "it has no \"embedding\"";
        return true;
    }
    if (!json_is_array(embedding) || n != set->extractor.columns)
        return error_invalid(err, "embedding", "\"embedding\" must be an array of %u numbers, as "
                             "on the first line.", set->extractor.columns);
    v = arena_array(&set->arena, n, sizeof *v);
    for (size_t k = 0; k < n; k++) {
        v[k] = (float)json_number_value(json_array_get(embedding, k));
        if (!json_is_number(json_array_get(embedding, k)) || !isfinite(v[k]))
            return error_invalid(err, "embedding", "\"embedding[%zu]\" is not a number.", k);
    }
    set->row[i] = (struct learn_row){.data = v, .n = n};
    return true;
}

static bool read_file(int fd, struct buf *out, struct error *err)
{
    char piece[64 * 1024];
    ssize_t n;

    buf_clear(out);
    while ((n = read(fd, piece, sizeof piece)) > 0)
        if (!buf_add(out, piece, (size_t)n))
            return error_invalid(err, "source-ref", "The file is over %d MB.",
                                 IMAGE_FILE_MAX >> 20);
    return n == 0 || error_system(err, "The file cannot be read");
}

static bool read_pixels(struct learner_set *set, size_t i, struct buf *bytes, unsigned char *pixels,
                        struct error *err)
{
    int fd = -1;
    bool ok;

    if (!set->item[i].ref)
        return error_invalid(err, "source-ref", "There is no image.");
    if (manifest_ref_is_uri(set->item[i].ref))
        return error_invalid(err, "source-ref", "%.300s is not a local file.", set->item[i].ref);
    ok = manifest_open(set->base, set->item[i].ref, &fd, err) && read_file(fd, bytes, err) &&
         learn_picture_decode(&set->extractor, bytes->data, bytes->size, pixels, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

static size_t next_random(uint64_t *state, size_t n) /* a plain LCG is random enough for a sample */
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)((*state >> 33) % n);
}

/* The dictionary from a random sample of the images that can be read. */
static struct learn_dictionary *learn_from_sample(struct learner_set *set, uint64_t seed,
                                                  struct error *err)
{
    size_t bytes_each = (size_t)set->extractor.side * set->extractor.side * 3, taken = 0;
    unsigned char *pixels = must_realloc(NULL, LEARN_SAMPLE_IMAGES, bytes_each);
    size_t *order = must_alloc((set->n + 1) * sizeof *order);
    struct learn_dictionary *d = NULL;
    struct error ignored;
    struct buf bytes;

    buf_init(&bytes, IMAGE_FILE_MAX);
    for (size_t i = 0; i < set->n; i++)
        order[i] = i;
    for (size_t left = set->n; left > 0 && taken < LEARN_SAMPLE_IMAGES; left--) {
        size_t k = next_random(&seed, left);

        taken += read_pixels(set, order[k], &bytes, pixels + taken * bytes_each, &ignored);
        order[k] = order[left - 1];
    }
    if (taken > 0)
        d = learn_dictionary_learn(&set->extractor, pixels, taken, err);
    else
        error_set(err, 422, "source.invalid", "", "None of the %zu images can be read.", set->n);
    buf_release(&bytes);
    free(order);
    free(pixels);
    return d;
}

static void show_progress(size_t done, size_t all)
{
    if (isatty(STDERR_FILENO) && (done % 100 == 0 || done == all))
        fprintf(stderr, "\rfeatures of %zu of %zu images%s", done, all, done == all ? "\n" : "");
}

static void extract_all(struct learner_set *set, const struct learn_dictionary *d)
{
    struct learn_picture *picture = learn_picture_new(d);
    unsigned char *pixels = must_alloc((size_t)set->extractor.side * set->extractor.side * 3);
    float *vector = must_alloc(set->extractor.columns * sizeof *vector);
    struct buf bytes;

    buf_init(&bytes, IMAGE_FILE_MAX);
    for (size_t i = 0; i < set->n; i++) {
        struct error why = {0};

        if (read_pixels(set, i, &bytes, pixels, &why)) {
            learn_picture_extract(picture, pixels, vector);
            keep_row(set, i, vector, set->extractor.columns);
        } else {
            set->item[i].failure = arena_strdup(&set->arena, why.message);
        }
        show_progress(i + 1, set->n);
    }
    buf_release(&bytes);
    free(vector);
    free(pixels);
    learn_picture_free(picture);
}

bool learner_image_features(struct learner_set *set, uint64_t seed, struct error *err)
{
    struct learn_dictionary *d =
        set->dictionary ? learn_dictionary_read(&set->extractor, set->dictionary,
                                                set->dictionary_size, err)
                        : learn_from_sample(set, seed, err);

    if (!d)
        return false;
    if (!set->dictionary) {
        set->dictionary_size = learn_dictionary_size(&set->extractor);
        set->dictionary = must_alloc(set->dictionary_size);
        learn_dictionary_write(d, set->dictionary);
    }
    extract_all(set, d);
    learn_dictionary_free(d);
    return true;
}

int64_t learner_peak_bytes(void)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)usage.ru_maxrss * 1024;
}
