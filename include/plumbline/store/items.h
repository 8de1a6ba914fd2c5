/* items.h - items, their payload, and the labels on them as rows. */
#ifndef PLUMBLINE_STORE_ITEMS_H
#define PLUMBLINE_STORE_ITEMS_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

enum item_state {
    ITEM_WAITING,  /* nobody has seen it                                      */
    ITEM_OPEN,     /* with people: in front while it has a free slot          */
    ITEM_ANSWERED, /* all answers are there; the window of undo is running    */
    ITEM_HUMAN,    /* labelled by people                                      */
    ITEM_MACHINE,  /* labelled by the machine, for good                       */
    ITEM_FAILED,   /* given up, or its line was bad                           */
    ITEM_KEPT,     /* came with a label under the job's attribute: left alone */
};

extern const char *const item_state_names[]; /* "waiting" …, NULL-terminated */

/* ---- ids: the job above, the line in the low 32 bits, so that a job's items are a range ---- */
enum { ITEM_LINE_BITS = 32 };
#define ITEM_LINE_MAX INT64_C(0xffffffff)

static inline int64_t item_id(int64_t job, int64_t line)
{
    return job << ITEM_LINE_BITS | line;
}

static inline int64_t item_job(int64_t id)
{
    return id >> ITEM_LINE_BITS;
}

static inline int64_t item_line(int64_t id)
{
    return id & ITEM_LINE_MAX;
}

static inline int64_t item_last(int64_t job) /* no item of the job has a larger id */
{
    return item_id(job, ITEM_LINE_MAX);
}

/* The smallest id of the job that is larger than `after`, which may be 0 or of another job. */
static inline int64_t item_next(int64_t job, int64_t after)
{
    int64_t first = item_id(job, 0);

    return after < first ? first : after + 1;
}

struct item {
    int64_t id, job, line;
    int     state;
    int64_t wanted, taken, done, rank, part;
    int     class_index; /* of the current label; -1: none */
    double  posterior;   /* likewise; NAN: none            */
    int64_t label;       /* 0: none */
};

struct payload {
    const char *line, *key, *media, *failure; /* key, media, failure may be NULL */
    const char *remote; /* s3:// URI of a picture that lies in a bucket, or NULL */
    int64_t     width, height, orientation; /* 0: not a picture, or a remote one nobody looked at */
};

struct item_new {
    int64_t        id, wanted;
    int            state;
    struct payload payload;
};

enum { ITEM_MANY = 32 };

/* Adds up to ITEM_MANY items with their payload, cheapest ITEM_MANY at a time; whether their keys
 * are there already is the caller's to know. */
bool item_insert(struct db *db, const struct item_new *items, int n, struct error *err);

/* ---- keys ----
 * Keys of manifests stand in runs beside the items they belong to, which cost next to nothing to
 * add to; keys of single files, and those from before there were runs, stand one by one. */

/* The hashes of items first, first + 1 …; hashes are n of them, little end first (htole64). */
bool key_run_put(struct db *db, int64_t first, const uint64_t *hashes, int n, struct error *err);

/* Calls `each` for every key of the job's runs that begin at items after `after`, in their order;
 * `first` is the item that the run begins at. */
typedef void key_each(void *context, int64_t first, uint64_t hash);
bool key_run_scan(struct db *db, int64_t job, int64_t after, key_each *each, void *context,
                  struct error *err);

/* The same for the keys that stand one by one; `first` is 0. */
bool key_one_scan(struct db *db, int64_t job, key_each *each, void *context, struct error *err);

/* *added false: it was there. */
bool key_one_put(struct db *db, int64_t job, uint64_t hash, bool *added, struct error *err);

bool item_get(struct db *db, int64_t id, struct item *out, struct error *err);
bool payload_get(struct db *db, int64_t id, struct arena *a, struct payload *out,
                 struct error *err);

/* What a look at a remote picture has found. */
struct payload_probe {
    int64_t item, width, height, orientation;
};
bool payload_set_probe(struct db *db, const struct payload_probe *probe, struct error *err);

/* Open items of the job, best first, whose remote picture nobody has looked at; of the first `ahead`
 * places of its front. The URIs live in the arena; `out` has room for `limit`. */
struct unseen_picture {
    int64_t     item, rank, taken;
    const char *remote;
};
bool payload_unseen(struct db *db, int64_t job, int ahead, int limit, struct arena *a,
                    struct unseen_picture *out, int *count, struct error *err);

/* Every item of the job in line order. */
typedef bool item_each(void *context, const struct item *item, struct error *err);
bool item_scan(struct db *db, int64_t job, item_each *each, void *context, struct error *err);

bool item_set_state(struct db *db, int64_t id, enum item_state state, struct error *err);
bool item_set_part(struct db *db, int64_t id, int64_t part, struct error *err);
bool item_set_failure(struct db *db, int64_t id, const char *reason, struct error *err);

struct item_row {
    struct item    item;
    struct payload payload;
    int            origin; /* enum label_origin of the current label */
    double         confidence;
    int            guess_class; /* of the newest model, -1: none */
    double         guess_p;
};

enum item_origin { ORIGIN_ANY, ORIGIN_HUMAN, ORIGIN_MACHINE, ORIGIN_PROVISIONAL };

/* A page of the job's items in line order, those after item `after`. Texts live in the arena. *next
 * is the `after` of the next page (0: the end). */
bool item_list(struct db *db, int64_t job, int64_t after, int limit, struct arena *a,
               struct item_row **out, int *count, int64_t *next, struct error *err);

/* ---- labels ---- */
enum label_origin { LABEL_NONE, LABEL_HUMAN, LABEL_MACHINE };

struct label_row {
    int64_t     id, item, job;
    int         origin; /* enum label_origin */
    int         class_index;
    double      posterior, confidence;
    const char *posteriors; /* JSON [[class, p], …] or NULL */
    int         method;     /* enum consolidation */
    int64_t     answers, model, round; /* 0: none */
    double      estimate;              /* 0: none */
    int64_t     label_set_version, created, previous;
};

/* Adds the label and makes it the item's current one (state, class, posterior of the item follow).
 * The caller keeps the job's counters. */
bool label_apply(struct db *db, const struct label_row *label, const struct item *item,
                 enum item_state state,
                 struct error *err);
bool label_get(struct db *db, int64_t id, struct arena *a, struct label_row *out,
               struct error *err);

/* When the first of the labels by people was made that `label`, one of them or none, superseded in
 * turn; *created stays when there is none. */
bool label_first_by_people(struct db *db, int64_t label, int64_t *created, struct error *err);

/* ---- what the newest model thinks of items without a label ---- */
bool guess_put(struct db *db, int64_t item, int64_t job, int class_index, double p, int64_t model,
               struct error *err);
bool guess_get(struct db *db, int64_t item, int *class_index, double *p, int64_t *model,
               struct error *err); /* class -1: none */
struct guess_row {
    int64_t item, model;
    int     class_index;
    double  p;
};

/* Guesses of a job for items after `after`, by item; into `out`, which has room for `limit`. */
bool guess_list(struct db *db, int64_t job, int64_t after, int limit, struct guess_row *out,
                int *count, struct error *err);
bool guess_delete(struct db *db, int64_t item, bool *was, struct error *err);

#endif
