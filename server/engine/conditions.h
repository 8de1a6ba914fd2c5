/* conditions.h - what ends a job early. The limits: so many items labelled by people, or such a share of
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

/* Whether a job that was made at the AWS door has been there for 30 days: then it fails, with what there
 * is. The time is on the lease clock, which no wrong setting of a clock moves. */
bool conditions_expired(struct service *s, struct db *db, const struct job *job, bool *expired,
                        struct error *err);

/* What a job that was stopped ends as: stopped, or failed when the reason, as Ground Truth words it,
 * begins with CLIENT_ERROR. */
#define CLIENT_ERROR "ClientError: "
enum job_state conditions_end(const struct job *job);

#endif
