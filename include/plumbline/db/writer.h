/* writer.h - the one thread that writes.
 *
 * Work is queued as a function; the writer takes the whole queue (at most 256 pieces), runs each in
 * a savepoint of one transaction, commits with an fsync, and only then tells each piece that it is
 * done: a reply means it is on disk. A piece that fails rolls back alone. When the commit itself
 * fails, every piece of the group fails.
 */
#ifndef PLUMBLINE_DB_WRITER_H
#define PLUMBLINE_DB_WRITER_H

#include "plumbline/db/db.h"

struct writer;

/* Touches the database and its own context only: no reply, no file, no network. */
typedef bool write_run(struct db *db, void *context, struct error *err);

struct write {
    write_run    *run;
    void         *context;
    void        (*done)(struct write *w); /* on the writer's thread, after the commit; w is the caller's */
    struct error  error;                  /* status 0 when it is on disk */
    struct write *next;                   /* the writer's own */
};

struct writer_numbers { /* for /metrics */
    int64_t commits, pieces, failures, queued, wal_bytes, checkpoints;
    int64_t commit_us; /* in all */
};

/* Opens path for writing, starts the writer and its checkpointer. */
struct writer *writer_start(const char *path, struct error *err);
void           writer_stop(struct writer *w); /* finishes the queue first; NULL is fine */

/* Queues; false with 503 overloaded when 4096 pieces are waiting (w->done is then not called). */
bool writer_post(struct writer *w, struct write *piece, struct error *err);

/* Queues without the bound and waits: for the engine and the command line. Not on a pool thread. */
bool writer_call(struct writer *w, write_run *run, void *context, struct error *err);

void writer_numbers(struct writer *w, struct writer_numbers *out);

#endif
