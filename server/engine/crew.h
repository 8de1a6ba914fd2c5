/* crew.h - a few threads that work on one thing together with the caller; private to engine/. For
 * work that waits for the network: they are begun when they are first needed, and last, because a
 * media child ends with the thread that has started it. */
#ifndef ENGINE_CREW_H
#define ENGINE_CREW_H

struct crew;
struct crew *crew_new(int helpers);
void         crew_free(struct crew *c); /* NULL is fine */

/* Calls work(context, i) once for each i below n, several at once, and returns when all are done.
 * One caller at a time. */
typedef void crew_work(void *context, int i);
void crew_run(struct crew *c, crew_work *work, void *context, int n);

#endif
