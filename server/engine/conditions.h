/* conditions.h - the limits that end a job early: so many items labelled by people, or such a share of
 * all its lines labelled by anybody (Ground Truth's stopping conditions); private to engine/.
 *
 * Items are opened only as far as the limits reach, so that nothing is labelled beyond them. A limit
 * that is lowered while people work takes nothing away from them. */
#ifndef ENGINE_CONDITIONS_H
#define ENGINE_CONDITIONS_H

#include "plumbline/engine/service.h"

/* How many items may still be opened, those that are on their way to a label taken off. INT64_MAX
 * without limits, never below 0. */
int64_t conditions_room(const struct job *job);

/* How many more the machine may label: the same without the limit on people's. */
int64_t conditions_machine_room(const struct job *job);

enum { CONDITIONS_NOTE_SIZE = 200 };

/* Whether a limit is reached; the sentence for the job then. While auto-labelling steers, the limit on
 * people's items is the loop's to judge: it may let the machine finish. The share is of all lines, so
 * it means nothing while lines are still coming in. */
bool conditions_reached(const struct job *job, char note[CONDITIONS_NOTE_SIZE]);

#endif
