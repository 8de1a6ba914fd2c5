/* local.h - bytes kept in the data folder under the SHA-256 of their content: blobs/ab/abcdef….
 *
 * The same bytes are stored once; a blob is never changed and never deleted (a backup copies blobs
 * after the database and relies on it). A blob appears under its name only when it
 * is whole and on disk. Where the disk refuses: disk_error's errors (base/disk.h).
 */
#ifndef PLUMBLINE_BLOB_LOCAL_H
#define PLUMBLINE_BLOB_LOCAL_H

#include "plumbline/base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { BLOB_NAME_SIZE = 65 }; /* 64 hex digits and a NUL */

struct blob_store;

/* Uses DIR/blobs, which is made when missing; removes what a killed process left half-written. The
 * caller frees. */
struct blob_store *blob_store_open(const char *dir, struct error *err);
void               blob_store_free(struct blob_store *s);

/* Stores the bytes; `name` gets their SHA-256 in hex. */
bool blob_put(struct blob_store *s, const void *bytes, size_t size, char name[BLOB_NAME_SIZE],
              struct error *err);

/* Opens a blob (variant NULL) or something derived from it that may be thrown away, such as the
 * thumbnail "160.jpg". 404 blob.not_found. The caller closes *fd. */
bool blob_open(struct blob_store *s, const char *name, const char *variant, int *fd,
               int64_t *size, struct error *err);

/* Reads a whole blob of at most `limit` bytes; the caller frees *bytes. */
bool blob_read(struct blob_store *s, const char *name, size_t limit, void **bytes, size_t *size,
               struct error *err);

/* Stores something derived beside the blob. */
bool blob_put_variant(struct blob_store *s, const char *name, const char *variant,
                      const void *bytes, size_t size, struct error *err);

/* Reads an open file of at most `limit` bytes from its start; the caller frees *bytes. 413
 * body.too_large. */
bool blob_slurp(int fd, size_t limit, void **bytes, size_t *size, struct error *err);

/* SHA-256 in hex of some bytes. */
void blob_digest(const void *bytes, size_t size, char out[BLOB_NAME_SIZE]);

#endif
