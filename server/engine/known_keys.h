/* known_keys.h - the keys of a job's items in memory, for the thread that imports; private to
 * engine/. A few jobs' keys are kept for a while, so that many small uploads into a large job do
 * not read them each time. */
#ifndef ENGINE_KNOWN_KEYS_H
#define ENGINE_KNOWN_KEYS_H

#include "plumbline/engine/service.h"

struct known_keys;

struct known_keys *known_keys_new(const char *folder); /* of base/hash_table.h, borrowed */
void               known_keys_free(struct known_keys *k);

/* Everything about the job that is on disk is known after this. */
bool known_keys_open(struct known_keys *k, struct db *db, int64_t job, struct error *err);

/* Adds a key to those of the job opened last; false when it was there. */
bool known_keys_add(struct known_keys *k, uint64_t key);

/* Some of what was added did not get to the disk. */
void known_keys_forget(struct known_keys *k, int64_t job);

/* Lets go of what nobody has needed for a while. */
void known_keys_rest(struct known_keys *k);

#endif
