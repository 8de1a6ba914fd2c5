/* items.h - bringing items into a job. */
#ifndef PLUMBLINE_ENGINE_ITEMS_H
#define PLUMBLINE_ENGINE_ITEMS_H

#include "plumbline/engine/service.h"
#include "plumbline/store/items.h"

#define IMAGE_FILE_MAX ((size_t)40 << 20) /* bytes; Ground Truth's quota */

/* A checked item on its way in. */
struct item_in {
    const char    *key;  /* manifest_key: decides whether it is there already */
    const char    *id;   /* the user's own id, or NULL */
    struct payload payload;
    bool           failed; /* a bad line: keeps its number, goes to nobody */
    bool           kept;   /* carries a label under the job's attribute: goes to nobody */
};

struct items_call {
    struct service *service;
    int64_t         job, import; /* import 0: a single file */
    const struct item_in *v;
    int             n;
    int64_t         lines; /* read for this piece, blank ones included */
    const struct import_error *errors; /* n_errors of them */
    int             n_errors;
    /* out */
    int64_t added, duplicates, last_item;
};

/* Adds the items in one transaction together with the import's progress: after a crash the import
 * goes on behind the last piece that is on disk. 409 job.ended. */
bool items_add(struct db *db, void *items_call, struct error *err);

/* Probes an image in a child process, stores it with its thumbnail, and fills media, width, height
 * and orientation of *out (texts in the arena). 422 image.*. `prober` may be NULL. */
struct prober; /* a media child, kept over many images */
struct prober *prober_new(struct service *s);
void           prober_free(struct prober *p); /* NULL is fine */
bool items_take_image(struct service *s, struct prober *p, const void *bytes, size_t size,
                      struct arena *a, struct payload *out, struct error *err);

#endif
