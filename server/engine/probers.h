/* probers.h - media children shared by threads that fetch; private to engine/. */
#ifndef ENGINE_PROBERS_H
#define ENGINE_PROBERS_H

#include "plumbline/engine/items.h"

struct probers;
struct probers *probers_new(struct service *s);
void            probers_free(struct probers *p); /* NULL is fine */

/* One for the caller alone; waits while as many as there may be are in use. */
struct prober *probers_take(struct probers *p);
void           probers_give(struct probers *p, struct prober *one);
void           probers_rest(struct probers *p); /* ends those that nobody has needed for a while */

#endif
