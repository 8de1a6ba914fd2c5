/* feature_file.h - the rows of a job in one append-only file: a cache that may be deleted at any
 * time and is rebuilt from the items.
 *
 * Layout (host byte order; the file stays on the machine that wrote it):
 *   header  magic "PLFEAT1\n", u32 bytes of the dictionary, u32 CRC-32 of header and dictionary
 *           with this field 0, struct learn_extractor, the dictionary (IMAGE) padded to 8 bytes
 *   records u32 magic, u32 row, u32 status (0 features, 1 the item has none), u32 payload bytes,
 *           u32 CRC-32 of the record with this field 0, u32 0, payload padded with zeros to 8 bytes
 * The last record of a row counts. A torn or damaged tail is cut when the file is opened for
 * writing; a reader stops in front of it. One writer at a time (an advisory lock is held).
 */
#ifndef PLUMBLINE_LEARN_FEATURE_FILE_H
#define PLUMBLINE_LEARN_FEATURE_FILE_H

#include "plumbline/learn/features.h"
#include "plumbline/learn/picture.h"

struct learn_file_writer;

/* Opens the file for appending, or creates it. An existing file of another extractor, or with a
 * damaged header, is started afresh. IMAGE: a new file needs `dictionary` (NULL otherwise); an
 * existing one keeps its own, see learn_file_dictionary. `seen` (may be NULL) is told the number of
 * records already there. */
struct learn_file_writer *learn_file_append(const char *path, const struct learn_extractor *x,
                                            const struct learn_dictionary *dictionary, size_t *seen,
                                            struct error *err);

/* Adds one row; row->data NULL records that the item has no features. */
bool learn_file_add(struct learn_file_writer *w, uint32_t row, const struct learn_row *features,
                    struct error *err);
bool learn_file_flush(struct learn_file_writer *w, struct error *err);
bool learn_file_close(struct learn_file_writer *w, struct error *err); /* frees w in any case */

/* The dictionary inside an existing IMAGE file that fits x; NULL without an error when there is no
 * such file. The caller frees. */
struct learn_dictionary *learn_file_dictionary(const char *path, const struct learn_extractor *x,
                                               struct error *err);

struct learn_file; /* a file mapped for reading */

/* Maps the file for n_rows items (rows with higher numbers are left out, rows without a record have
 * no features). */
struct learn_file *learn_file_open(const char *path, size_t n_rows, struct error *err);
const struct learn_rows *learn_file_rows(const struct learn_file *f);      /* borrowed from f */
const void *learn_file_dictionary_bytes(const struct learn_file *f, size_t *size); /* borrowed */
void learn_file_close_reader(struct learn_file *f); /* NULL is fine */

/* The same over bytes in memory that the caller keeps alive and 8-byte aligned. */
struct learn_file *learn_file_open_bytes(const void *bytes, size_t size, size_t n_rows,
                                         struct error *err);

#endif
