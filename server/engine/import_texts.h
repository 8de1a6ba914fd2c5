/* import_texts.h - texts of a piece of an import that lie in a bucket, read together; private to
 * engine/. */
#ifndef ENGINE_IMPORT_TEXTS_H
#define ENGINE_IMPORT_TEXTS_H

#include "crew.h"
#include "import_pipe.h"

struct import_texts;
/* `again`: as of bucket_patience. */
struct import_texts *import_texts_new(struct service *s, struct crew *crew, bool again);
void                 import_texts_free(struct import_texts *t); /* NULL is fine */

/* Notes that the text of the piece's item `i` is to be read; the URI is borrowed until then. */
void import_texts_add(struct import_texts *t, int i, int64_t file_line, const char *uri);
int  import_texts_count(const struct import_texts *t); /* that are to be read */

/* Reads them, several at once. What is no text, or is not there, fails its item, and is told by
 * `fault`; a refusal only when others could be read in this run. False: storage cannot be reached. */
typedef void import_fault(void *context, int i, int64_t file_line, const char *code,
                          const char *message);
bool import_texts_read(struct import_texts *t, struct import_piece *piece, import_fault *fault,
                       void *context, struct error *err);

#endif
