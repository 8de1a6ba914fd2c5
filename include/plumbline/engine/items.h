/* items.h - bringing items into a job. */
#ifndef PLUMBLINE_ENGINE_ITEMS_H
#define PLUMBLINE_ENGINE_ITEMS_H

#include "plumbline/engine/service.h"
#include "plumbline/store/items.h"

#define IMAGE_FILE_MAX ((size_t)40 << 20) /* bytes; Ground Truth's quota */

/* A checked item on its way in. */
struct item_in {
    uint64_t       key; /* items_key: decides whether it is there already */
    const char    *id;  /* the user's own id, or NULL */
    struct payload payload;
    bool           failed; /* a bad line: keeps its number, goes to nobody */
    bool           kept;   /* carries a label under the job's attribute: goes to nobody */
};

/* 64 bits of BLAKE2b of a key: two of ten million keys meet with a chance of 3 in a million. */
uint64_t items_key(const char *key);

/* Adds one item by itself. 409 job.ended, job.full. */
struct item_call {
    int64_t               job;
    const struct item_in *in;
    int64_t               id; /* out; 0: it was there already */
};
bool items_add_one(struct db *db, void *item_call, struct error *err);

/* Adds the next lines of an import in one transaction together with its progress: after a crash it
 * goes on behind the last piece that is on disk. The items are known to be new, and the pieces of an
 * import must come in the order of their lines: one that comes after a failed one fails too, 409
 * import.order. 409 job.ended, job.full. */
enum { PIECE_BUCKETS = 16 };
struct items_piece {
    int64_t               job, import;
    int64_t               from;  /* lines before this piece */
    int64_t               lines; /* in it, with blank ones and duplicates */
    int64_t               duplicates, bytes, bytes_total;
    const struct item_in *v;
    int                   n;
    const struct import_error *errors; /* n_errors of them */
    int                   n_errors;
    const char           *bucket[PIECE_BUCKETS]; /* that pictures of it are in, n_buckets of them */
    int                   n_buckets;
    int64_t               run_us; /* out: what it cost the writer */
};
bool items_add_piece(struct db *db, void *items_piece, struct error *err);

/* Probes an image in a child process, stores it with its thumbnail, and fills media, width, height
 * and orientation of *out (texts in the arena). 422 image.*. `prober` may be NULL. */
struct prober; /* a media child, kept over many images */
struct prober *prober_new(struct service *s);
void           prober_free(struct prober *p); /* NULL is fine */
/* What the child says of a picture, with its thumbnail; media_reply_release (media/child.h). 422
 * image.*. */
struct media_reply;
bool prober_look(struct prober *p, const void *bytes, size_t size, struct media_reply *out,
                 struct error *err);
bool items_take_image(struct service *s, struct prober *p, const void *bytes, size_t size,
                      struct arena *a, struct payload *out, struct error *err);

#endif
