/* scheduler.h - the threads that drive the loop; private to engine/. */
#ifndef ENGINE_SCHEDULER_H
#define ENGINE_SCHEDULER_H

#include "plumbline/engine/service.h"

/* Sets s->scheduler, and then starts the threads. */
bool scheduler_start(struct service *s, struct error *err);
void              scheduler_stop(struct scheduler *sc); /* NULL is fine */
void              scheduler_wake(struct scheduler *sc); /* NULL is fine */

/* True once the service is ending: long work gives up and is taken up again at the next start. */
bool scheduler_stopping(const struct scheduler *sc);

/* Every thread has looked twice since one of them found work. */
bool scheduler_idle(struct scheduler *sc);

#endif
