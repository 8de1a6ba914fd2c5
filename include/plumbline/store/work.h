/* work.h - who holds what, and what they answered, as rows: front, slot, answer. What the
 * transitions mean is engine/dispatch's matter. Times called `clock` are on the lease clock. */
#ifndef PLUMBLINE_STORE_WORK_H
#define PLUMBLINE_STORE_WORK_H

#include "plumbline/base/arena.h"
#include "plumbline/db/db.h"

enum slot_state {
    SLOT_LEASED = 1,
    SLOT_ANSWERED = 2,
    SLOT_SKIPPED = 3,
    SLOT_LET_GO = 4, /* the lease ran out or was given back; the person may get the item again */
    SLOT_EXTRA = 5,  /* answered after others had filled the item; kept, does not count */
};

struct slot {
    int64_t     item, person, job;
    int         state;
    int64_t     since, until; /* wall clock; lease clock */
    int64_t     answer;
    uint8_t     idem[16];
    bool        has_idem;
    const char *draft;
    int64_t     draft_revision;
    const char *reason, *comment;
};

enum answer_status { ANSWER_COUNTS, ANSWER_SUPERSEDED, ANSWER_WITHDRAWN, ANSWER_EXTRA };

struct answer {
    int64_t     id, item, person, job;
    int         status;
    int         class_index; /* -1: none */
    const char *body;
    uint8_t     idem[16];
    bool        has_idem;
    int64_t     previous, label_set_version, accepted, created, elapsed_ms, active_ms;
};

/* ---- front ---- */

/* The first open item of the job that this person has nothing to do with yet, at or after rank
 * `from`; *item 0 when there is none. */
bool front_first(struct db *db, int64_t job, int64_t person, int64_t from, int64_t *item,
                 int64_t *rank, struct error *err);
/* How many open items of the job this person could still be given; at most open_items rows. */
bool front_count_for(struct db *db, int64_t job, int64_t person, int64_t *count, struct error *err);
bool front_put(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err);
bool front_remove(struct db *db, int64_t job, int64_t rank, int64_t item, struct error *err);
bool front_clear(struct db *db, int64_t job, struct error *err);

/* Opens an item: waiting -> open, with a rank and the number of answers asked for. *opened false when
 * it was not waiting. */
bool item_open(struct db *db, int64_t item, int64_t rank, int64_t wanted, bool *opened,
               struct error *err);

/* Opens every waiting item from first to last, with its id as its rank, and puts it into front; in two
 * statements, for many items at once. */
bool item_open_range(struct db *db, int64_t job, int64_t first, int64_t last, int64_t wanted,
                     int *opened, struct error *err);

/* Ids of waiting items after `after`, in line order. */
bool item_waiting(struct db *db, int64_t job, int64_t after, int limit, int64_t *ids, int *count,
                  struct error *err);

/* Changes an item's slots by the differences; the new values come back. */
bool item_slots(struct db *db, int64_t item, int taken, int done, int64_t *now_taken,
                int64_t *now_done, int64_t *wanted, int64_t *rank, int *state, struct error *err);

/* Sets them; item_complete also moves the item to the state "answered". */
bool item_progress(struct db *db, int64_t item, int64_t taken, int64_t done, struct error *err);
bool item_complete(struct db *db, int64_t item, int64_t taken, int64_t done, struct error *err);

/* Ids after `after` of the job's items that are answered and not yet labelled, in line order; job 0:
 * of all jobs. */
bool item_answered(struct db *db, int64_t job, int64_t after, int limit, int64_t *ids, int *count,
                   struct error *err);

/* ---- slots ---- */
/* An item's id as it was before migration 0004 (without a job in it) becomes the one it has; others
 * stay as they are. */
bool item_today(struct db *db, int64_t *item, struct error *err);
bool slot_get(struct db *db, int64_t item, int64_t person, struct arena *a, struct slot *out,
              bool *found, struct error *err);
/* Inserts, or takes a let-go slot again, by item, person, job, since and until; sets the state and a
 * draft that is left. */
bool slot_lease(struct db *db, struct slot *s, struct arena *a, struct error *err);
/* Writes state, until, answer, idem, reason, comment. The draft stays while the slot is leased or let
 * go: whoever gets the item again finds it; otherwise it is dropped with its revision. */
bool slot_set(struct db *db, const struct slot *s, struct error *err);
/* Only state, answer and idem, and no draft any more: what an answer changes. */
bool slot_answered(struct db *db, const struct slot *s, struct error *err);
bool slot_set_draft(struct db *db, int64_t item, int64_t person, const char *draft,
                    int64_t revision, struct error *err);
bool slot_extend(struct db *db, int64_t item, int64_t person, int64_t until_clock,
                 struct error *err);
/* Every running lease. */
typedef void slot_each(void *context, int64_t person, int64_t job, int64_t item);
bool slot_leased(struct db *db, slot_each *each, void *context, struct error *err);
bool slot_expired(struct db *db, int64_t now_clock, int limit, struct arena *a, struct slot **out,
                  int *count, struct error *err);
bool slot_any_expired(struct db *db, int64_t now_clock, struct error *err);
/* Whether anybody is left who may answer the item: always, in a job that is open to everybody. */
bool slot_anyone_left(struct db *db, int64_t item, int64_t job, bool *left, struct error *err);
bool slot_skips(struct db *db, int64_t item, int64_t *skips, struct error *err);
bool slot_of_item(struct db *db, int64_t item, struct arena *a, struct slot **out, int *count,
                  struct error *err);

/* ---- answers ---- */
bool answer_insert(struct db *db, struct answer *a, struct error *err); /* sets id, created */
bool answer_get(struct db *db, int64_t id, struct arena *a, struct answer *out, struct error *err);
bool answer_set_status(struct db *db, int64_t id, enum answer_status status, struct error *err);
bool answer_recent(struct db *db, int64_t person, int limit, struct arena *a, struct answer **out,
                   int *count, struct error *err);
bool answer_count_since(struct db *db, int64_t person, int64_t hour, int64_t *count,
                        struct error *err); /* from the hourly activity, and what is not in it yet */

/* Every answer that counts, in order of arrival: item's position is its line. */
typedef bool answer_each(void *context, int64_t item, int64_t person, int class_index,
                         struct error *err);
bool answer_scan(struct db *db, int64_t job, answer_each *each, void *context, struct error *err);
/* The answers that count of one item. */
bool answer_of_item(struct db *db, int64_t item, answer_each *each, void *context,
                    struct error *err);

/* The counters of annotators, people, hours and minutes follow the answers by a mark: the answers up
 * to it are in them. answer_book takes up to `limit` answers beyond it, and moves it; *more when there
 * are still others. answer_unbook takes back one that no longer counts; `a` as it was while it did. */
bool answer_book(struct db *db, int limit, bool *more, struct error *err);
bool answer_unbook(struct db *db, const struct answer *a, struct error *err);
bool answer_unbooked(struct db *db, bool *any, struct error *err);
/* The person's answers that are not in the counters yet; job 0: in all jobs. */
bool answer_beyond(struct db *db, int64_t person, int64_t job, int64_t *count, struct error *err);
bool machine_book(struct db *db, int64_t job, int64_t when, int64_t items, struct error *err);

/* ---- the lease clock ---- */
/* The offset that turns boot time into the lease clock; set from the wall clock when this boot is
 * new to the database. */
bool lease_clock_offset(struct db *db, const char *boot, int64_t proposal, int64_t *offset,
                        struct error *err);

#endif
