/* writer.h - the one thread that writes.
 *
 * Work is queued as a function; the writer takes the whole queue (at most 256 pieces), runs them in
 * one transaction, commits with an fsync, and only then tells each piece that it is done: a reply
 * means it is on disk. A piece that fails takes back what it did and nothing else. When the commit
 * itself fails, every piece of the group fails.
 *
 * Requests go first; bulk work goes by the calls with `low` in their names, in pieces of at most a
 * few milliseconds, and gets a share of a busy writer and all of an idle one.
 */
#ifndef PLUMBLINE_DB_WRITER_H
#define PLUMBLINE_DB_WRITER_H

#include "plumbline/base/prom.h"
#include "plumbline/db/db.h"

struct writer;

/* Touches the database and its own context only: no reply, no file, no network. */
typedef bool write_run(struct db *db, void *context, struct error *err);

struct write {
    write_run    *run;
    void         *context;
    void        (*done)(struct write *w); /* on the writer's thread, after the commit; w is the caller's */
    bool          repeatable; /* `run` may be called twice, sets all it puts into its context anew,
                               * and the second call sees nothing of the first in the database: the
                               * mark of the busiest pieces, which saves them a savepoint */
    struct error  error;                  /* status 0 when it is on disk */
    struct write *next;                   /* the writer's own */
    int64_t       queued_us;              /* likewise */
};

struct writer_numbers { /* for /metrics */
    int64_t commits, pieces, failures, queued, wal_bytes, checkpoints;
    int64_t commit_us; /* in all */
    int64_t queued_most, queue_limit, low_queued;
    int64_t checkpoint_us; /* in all */
    /* Live: of pieces from queue to begin (us), of groups (pieces), of groups from begin to disk (us). */
    const struct histogram *wait, *group, *commit;
};

/* Hears after each commit, before any reply, what was touched (db_touch). On the writer's thread. */
typedef void writer_listener(void *context, const struct touched *touched);

/* Opens path for writing, starts the writer and its checkpointer. The listener may be NULL. */
struct writer *writer_start(const char *path, writer_listener *listener, void *context,
                            struct error *err);
void           writer_stop(struct writer *w); /* finishes the queue first; NULL is fine */

/* Queues; false with 503 overloaded when 4096 pieces are waiting (w->done is then not called). */
bool writer_post(struct writer *w, struct write *piece, struct error *err);

/* Queues without the bound and waits: for the engine and the command line. Not on a pool thread. */
bool writer_call(struct writer *w, write_run *run, void *context, struct error *err);

/* The same for bulk work; writer_post_low does not wait (and there is no bound: keep few under way). */
bool writer_call_low(struct writer *w, write_run *run, void *context, struct error *err);
void writer_post_low(struct writer *w, struct write *piece);

/* False while commits fail: since when, and the last reason. A failed commit is answered as one; the
 * next one is simply tried, which is all that recovery takes. */
bool writer_health(struct writer *w, struct error *err);

void writer_numbers(struct writer *w, struct writer_numbers *out);

#endif
