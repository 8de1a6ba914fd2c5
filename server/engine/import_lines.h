/* import_lines.h - the lines of an import's source become items; private to engine/. */
#ifndef ENGINE_IMPORT_LINES_H
#define ENGINE_IMPORT_LINES_H

#include "import_pipe.h"
#include "import_texts.h"
#include "known_keys.h"
#include "plumbline/exchange/manifest.h"

enum { IMPORT_BUCKETS = 16 };

struct importer {
    struct service      *service;
    struct import_row    row;
    struct job           job;
    const struct task_type *type;
    const char          *base;   /* folder of relative paths, or NULL */
    const char          *remote; /* s3:// URI of the source, or NULL */
    int64_t              copied; /* the job whose items are copied, or 0 */
    struct arena         texts;  /* of the run: few */
    struct prober       *prober;
    struct import_pipe  *pipe;
    struct known_keys   *known;
    bool                 fresh; /* the job had no items when this began */
    int64_t              seen; /* lines reported by the reader in this run */
    int64_t              published;
    char                 bucket[IMPORT_BUCKETS][S3_BUCKET_MAX + 1]; /* met in this run */
    int                  n_buckets;
    struct import_texts *remote_texts; /* of the piece, in a bucket */
};

/* Reads row.path to its end, or as far as it goes. */
bool import_lines_read(struct importer *im, struct error *err);

/* Tells listeners how far it is: now, or when it was not told lately. */
void import_publish(struct importer *im, bool now);

#endif
