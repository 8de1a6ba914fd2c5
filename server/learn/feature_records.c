/* feature_records.c - the shape of header and records, and mapping a file for reading.
 *
 * The reader trusts lengths only after checking them against the file, and a text row only for its
 * columns, which cannot leave the 2^18 there are. Sums are checked when the file is opened for
 * writing: a reader on a million rows would otherwise read gigabytes twice. */
#include "feature_records.h"

#include "plumbline/base/arena.h"
#include "plumbline/learn/feature_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

uint32_t feature_header_crc(struct feature_header h, const void *dictionary)
{
    uLong crc;

    h.crc = 0;
    crc = crc32_z(0, (const Bytef *)&h, sizeof h);
    return (uint32_t)(h.dictionary_size ? crc32_z(crc, dictionary, h.dictionary_size) : crc);
}

uint32_t feature_record_crc(struct feature_record r, const void *payload)
{
    uLong crc;

    r.crc = 0;
    crc = crc32_z(0, (const Bytef *)&r, sizeof r);
    return (uint32_t)(r.size ? crc32_z(crc, payload, r.size) : crc);
}

bool feature_header_read(const char *bytes, size_t size, struct feature_header *out)
{
    struct error ignored;
    size_t dictionary;

    if (size < sizeof *out)
        return false;
    memcpy(out, bytes, sizeof *out);
    if (memcmp(out->magic, FEATURE_MAGIC, sizeof out->magic) != 0 ||
        !learn_extractor_check(&out->extractor, &ignored))
        return false;
    dictionary = out->extractor.kind == LEARN_IMAGE ? learn_dictionary_size(&out->extractor) : 0;
    return out->dictionary_size == dictionary && size - sizeof *out >= feature_padded(dictionary) &&
           feature_header_crc(*out, bytes + sizeof *out) == out->crc;
}

static bool payload_fits(const struct learn_extractor *x, const struct feature_record *r)
{
    if (r->status == FEATURE_NONE)
        return r->size == 0;
    if (r->status != FEATURE_OK)
        return false;
    if (x->kind == LEARN_TEXT)
        return r->size % sizeof(uint32_t) == 0 && r->size / sizeof(uint32_t) <= x->columns;
    return r->size == x->columns * sizeof(float);
}

bool feature_record_read(const char *bytes, size_t size, size_t at,
                         const struct learn_extractor *x, bool deep, struct feature_record *out)
{
    if (at > size || size - at < sizeof *out)
        return false;
    memcpy(out, bytes + at, sizeof *out);
    return out->magic == FEATURE_RECORD && out->zero == 0 && payload_fits(x, out) &&
           size - at - sizeof *out >= feature_padded(out->size) &&
           (!deep || feature_record_crc(*out, bytes + at + sizeof *out) == out->crc);
}

struct learn_file {
    struct learn_rows     rows;
    struct learn_row     *row;
    struct feature_header header;
    const char *bytes;
    size_t      size;
    void       *mapping; /* NULL when the bytes are the caller's */
};

struct learn_file *learn_file_open_bytes(const void *bytes, size_t size, size_t n_rows,
                                         struct error *err)
{
    struct learn_file *f = must_alloc(sizeof *f);
    struct feature_record r;
    size_t at;

    if (!feature_header_read(bytes, size, &f->header)) {
        error_set(err, 422, "learn.feature_file", "", "The feature file has a damaged header.");
        free(f);
        return NULL;
    }
    f->bytes = bytes;
    f->size = size;
    f->row = must_alloc((n_rows + 1) * sizeof *f->row);
    f->rows = (struct learn_rows){.extractor = f->header.extractor, .row = f->row, .n = n_rows};
    at = sizeof f->header + feature_padded(f->header.dictionary_size);
    while (feature_record_read(bytes, size, at, &f->header.extractor, false, &r)) {
        bool text = f->header.extractor.kind == LEARN_TEXT;

        if (r.row < n_rows)
            f->row[r.row] = (struct learn_row){
                .data = r.status == FEATURE_OK ? f->bytes + at + sizeof r : NULL,
                .n = r.status != FEATURE_OK ? 0
                     : text                 ? r.size / sizeof(uint32_t)
                                            : f->header.extractor.columns};
        at += sizeof r + feature_padded(r.size);
    }
    return f;
}

struct learn_file *learn_file_open(const char *path, size_t n_rows, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct learn_file *f = NULL;
    struct stat st;
    void *bytes;

    if (fd < 0 || fstat(fd, &st) != 0) {
        error_system(err, "The feature file %s cannot be opened", path);
        goto out;
    }
    bytes = st.st_size > 0
                ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (bytes == MAP_FAILED) {
        error_set(err, 422, "learn.feature_file", "", "The feature file %s is empty.", path);
        goto out;
    }
    f = learn_file_open_bytes(bytes, (size_t)st.st_size, n_rows, err);
    if (f)
        f->mapping = bytes;
    else
        munmap(bytes, (size_t)st.st_size);
out:
    if (fd >= 0)
        close(fd);
    return f;
}

const struct learn_rows *learn_file_rows(const struct learn_file *f)
{
    return &f->rows;
}

const void *learn_file_dictionary_bytes(const struct learn_file *f, size_t *size)
{
    *size = f->header.dictionary_size;
    return *size > 0 ? f->bytes + sizeof f->header : NULL;
}

void learn_file_close_reader(struct learn_file *f)
{
    if (!f)
        return;
    if (f->mapping)
        munmap(f->mapping, f->size);
    free(f->row);
    free(f);
}

struct learn_dictionary *learn_file_dictionary(const char *path, const struct learn_extractor *x,
                                               struct error *err)
{
    struct learn_dictionary *d = NULL;
    struct error no_file = {0};
    struct learn_file *f;

    if (access(path, F_OK) != 0)
        return NULL;
    f = learn_file_open(path, 0, &no_file);
    if (f && learn_extractor_equal(&f->header.extractor, x) && f->header.dictionary_size > 0)
        d = learn_dictionary_read(x, f->bytes + sizeof f->header, f->header.dictionary_size, err);
    learn_file_close_reader(f);
    return d;
}
