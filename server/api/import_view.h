/* import_view.h - how an import looks, and what starts one; private to api/. */
#ifndef API_IMPORT_VIEW_H
#define API_IMPORT_VIEW_H

#include "context.h"
#include "plumbline/store/transfers.h"

struct import_view {
    const char    *id, *source, *message;
    int            state;
    int64_t        lines, added, duplicates, failed, bytes, bytes_total, created, finished;
    struct objects errors;
};

extern const struct field import_fields[];

bool import_view_read(struct http_request *rq, struct db *db, const struct import_row *row,
                      struct import_view *v, struct error *err);

/* What a request adds to a job: an import, or one item. */
struct import_call {
    struct job  job;
    int64_t     id;
    const char *source, *path;
    int64_t     bytes; /* of the file; 0: a folder */
    bool        owned;
};

/* Finds the job of the path, which must still take items, and makes it rq->user. NULL: no. */
struct import_call *import_call_new(struct http_request *rq, struct error *err);

#endif
