/* conditions.c - how far a job may go before a limit ends it. */
#include "conditions.h"

#include "autolabel.h"

#include "plumbline/base/clock.h"
#include "plumbline/store/aws.h"

#include <stdio.h>
#include <string.h>

static const int64_t LIFE_US = INT64_C(30) * 24 * 3600 * SECOND_US;

/* Of all lines, as learn/loop counts them, rounded up; INT64_MAX: no limit. */
static int64_t most_labelled(const struct job *job)
{
    return job->auto_max_share > 0 ? (job->next_line * job->auto_max_share + 99) / 100 : INT64_MAX;
}

static int64_t most_human(const struct job *job)
{
    return job->auto_max_human > 0 ? job->auto_max_human : INT64_MAX;
}

static int64_t left(int64_t most, int64_t used)
{
    return most == INT64_MAX ? most : most > used ? most - used : 0;
}

int64_t conditions_machine_room(const struct job *job)
{
    const struct job_counts *c = &job->counts;

    return left(most_labelled(job), c->human + c->machine + c->answered + c->open);
}

int64_t conditions_room(const struct job *job)
{
    const struct job_counts *c = &job->counts;
    int64_t people = left(most_human(job), c->human + c->answered + c->open),
            all = conditions_machine_room(job);

    return people < all ? people : all;
}

bool conditions_reached(const struct job *job, char note[CONDITIONS_NOTE_SIZE])
{
    const struct job_counts *c = &job->counts;
    long long rest = c->waiting + c->open + c->answered;

    if (c->human + c->machine >= most_labelled(job))
        snprintf(note, CONDITIONS_NOTE_SIZE, "The limit of %lld %% labelled items is reached; %lld "
                 "items stay unlabelled.", (long long)job->auto_max_share, rest);
    else if (c->human >= most_human(job) && !autolabel_steers(job))
        snprintf(note, CONDITIONS_NOTE_SIZE, "The limit of %lld items labelled by people is "
                 "reached; %lld items stay unlabelled.", (long long)job->auto_max_human, rest);
    else
        return false;
    return true;
}

bool conditions_expired(struct service *s, struct db *db, const struct job *job, bool *expired,
                        struct error *err)
{
    struct aws_job row;
    struct arena a;
    bool ok;

    *expired = false;
    if (service_lease_now(s) - job->created < LIFE_US)
        return true;
    arena_init(&a);
    ok = aws_job_get(db, job->id, &a, &row, expired, err);
    arena_release(&a);
    return ok;
}

enum job_state conditions_end(const struct job *job)
{
    return job->failure && strncmp(job->failure, CLIENT_ERROR, sizeof CLIENT_ERROR - 1) == 0
               ? JOB_FAILED
               : JOB_STOPPED;
}
