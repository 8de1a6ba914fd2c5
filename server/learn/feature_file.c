/* feature_file.c - the writer: opens, repairs, appends.
 *
 * Every record is written by one call to write(2) through a buffer; nothing is synced to disk, for
 * what a crash takes is extracted again. Repair is: read record after record until one does not fit
 * its sum, and cut there. */
#include "plumbline/learn/feature_file.h"

#include "feature_records.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_AT = 256 * 1024 }; /* buffered bytes that are worth a write */

struct learn_file_writer {
    int        fd;
    struct learn_extractor extractor;
    struct buf pending;
};

static bool write_all(int fd, const char *bytes, size_t size, struct error *err)
{
    return disk_write(fd, bytes, size) || disk_error(err, "The feature file cannot be written");
}

/* Where the good part of an existing file ends, and how many records it has; 0 when its header does
 * not fit x. */
static size_t good_part(int fd, size_t size, const struct learn_extractor *x, size_t *seen)
{
    char *bytes = size > 0 ? mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    struct feature_header h;
    struct feature_record r;
    size_t at = 0;

    if (bytes == MAP_FAILED)
        return 0;
    if (feature_header_read(bytes, size, &h) && learn_extractor_equal(&h.extractor, x)) {
        at = sizeof h + feature_padded(h.dictionary_size);
        while (feature_record_read(bytes, size, at, x, true, &r)) {
            at += sizeof r + feature_padded(r.size);
            ++*seen;
        }
    }
    munmap(bytes, size);
    return at;
}

static bool write_header(struct learn_file_writer *w, const struct learn_dictionary *dictionary,
                         struct error *err)
{
    struct feature_header h = {.extractor = w->extractor};
    char *bytes = NULL;
    size_t padded;
    bool ok;

    if ((w->extractor.kind == LEARN_IMAGE) != (dictionary != NULL))
        return error_internal(err, "A feature file needs a dictionary exactly for images.");
    memcpy(h.magic, FEATURE_MAGIC, sizeof h.magic);
    h.dictionary_size = dictionary ? (uint32_t)learn_dictionary_size(&w->extractor) : 0;
    padded = feature_padded(h.dictionary_size);
    bytes = must_alloc(padded + 1);
    if (dictionary)
        learn_dictionary_write(dictionary, bytes);
    h.crc = feature_header_crc(h, bytes);
    ok = write_all(w->fd, (const char *)&h, sizeof h, err) &&
         write_all(w->fd, bytes, padded, err);
    free(bytes);
    return ok;
}

/* Repairs or begins the file; leaves the descriptor at its end. */
static bool prepare(struct learn_file_writer *w, const struct learn_dictionary *dictionary,
                    size_t *seen, struct error *err)
{
    struct stat st;
    size_t good;

    if (flock(w->fd, LOCK_EX | LOCK_NB) != 0)
        return error_set(err, 503, "learn.busy", "", "Another process writes this feature file.");
    if (fstat(w->fd, &st) != 0)
        return error_system(err, "The feature file cannot be read");
    good = good_part(w->fd, (size_t)st.st_size, &w->extractor, seen);
    if ((size_t)st.st_size != good && ftruncate(w->fd, (off_t)good) != 0)
        return disk_error(err, "The feature file cannot be cut");
    if (lseek(w->fd, (off_t)good, SEEK_SET) < 0)
        return error_system(err, "The feature file cannot be written");
    return good > 0 || write_header(w, dictionary, err);
}

struct learn_file_writer *learn_file_append(const char *path, const struct learn_extractor *x,
                                            const struct learn_dictionary *dictionary, size_t *seen,
                                            struct error *err)
{
    struct learn_file_writer *w;
    size_t records = 0;
    int fd;

    if (!learn_extractor_check(x, err))
        return NULL;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        disk_error(err, "The feature file %.200s cannot be opened", path);
        return NULL;
    }
    w = must_alloc(sizeof *w);
    w->fd = fd;
    w->extractor = *x;
    buf_init(&w->pending, SIZE_MAX / 2);
    if (!prepare(w, dictionary, &records, err)) {
        close(fd);
        free(w);
        return NULL;
    }
    if (seen)
        *seen = records;
    return w;
}

bool learn_file_add(struct learn_file_writer *w, uint32_t row, const struct learn_row *features,
                    struct error *err)
{
    static const char zeros[8];
    size_t size = features->data ? features->n * 4 : 0; /* entries and floats have 4 bytes */
    struct feature_record r = {.magic = FEATURE_RECORD, .row = row, .size = (uint32_t)size,
                               .status = features->data ? FEATURE_OK : FEATURE_NONE};

    r.crc = feature_record_crc(r, features->data);
    buf_add(&w->pending, &r, sizeof r);
    if (size > 0)
        buf_add(&w->pending, features->data, size);
    buf_add(&w->pending, zeros, feature_padded(size) - size);
    return w->pending.size < WRITE_AT || learn_file_flush(w, err);
}

bool learn_file_flush(struct learn_file_writer *w, struct error *err)
{
    bool ok = write_all(w->fd, w->pending.data, w->pending.size, err);

    buf_clear(&w->pending);
    return ok;
}

bool learn_file_close(struct learn_file_writer *w, struct error *err)
{
    bool ok = learn_file_flush(w, err);

    if (close(w->fd) != 0 && ok)
        ok = disk_error(err, "The feature file cannot be closed");
    buf_release(&w->pending);
    free(w);
    return ok;
}
