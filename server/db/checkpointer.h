/* checkpointer.h - copies the log back into the database beside the writer, so that no commit pays
 * for it. */
#ifndef DB_CHECKPOINTER_H
#define DB_CHECKPOINTER_H

#include "plumbline/db/writer.h"

struct checkpointer;

/* Asks the writer now and then whether there is something to do. NULL on failure. */
struct checkpointer *checkpointer_start(const char *path, struct writer *w, struct error *err);
void                 checkpointer_stop(struct checkpointer *c); /* NULL is fine */

/* writer.c: how many commits there were, and whether the writer has nothing to do. Any thread. */
int64_t writer_commits(struct writer *w, bool *idle);

/* Its part of the writer's numbers. */
void checkpointer_numbers(struct checkpointer *c, struct writer_numbers *out);

#endif
