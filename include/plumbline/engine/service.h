/* service.h - one open data folder: its database, its files, its threads. Everything the loop needs,
 * and nothing of HTTP: what the world is to hear goes out through `publish`. */
#ifndef PLUMBLINE_ENGINE_SERVICE_H
#define PLUMBLINE_ENGINE_SERVICE_H

#include "plumbline/auth/secrets.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/prom.h"
#include "plumbline/blob/local.h"
#include "plumbline/blob/s3.h"
#include "plumbline/db/writer.h"
#include "plumbline/store/jobs.h"
#include "plumbline/tasks/task.h"

#include <jansson.h>
#include <stdatomic.h>

struct scheduler;
struct label_cache;
struct insight_cache;
struct windows;
struct held;
struct backups;
struct remote;

/* Tells listeners of one job; json is borrowed. Called from any thread. */
typedef void service_publish(void *context, int64_t job, const char *event, json_t *json);

struct service_config {
    const char *data_dir;
    const char *import_root;  /* folder that leads may import from by path, or NULL */
    int64_t     undo_seconds; /* window of undo after the last answer of an item */
    int64_t     child_memory; /* bytes a learning child may use; 0: no limit */
    const char *backup_to;    /* folder for scheduled backups, or NULL: none */
    double      backup_every; /* hours; 0: 24 */
    int64_t     backup_keep;  /* the newest as many stay; 0: 7 */
    const char *public_url;   /* as what readers of output trees know this service; NULL: it listens nowhere */
    const char *aws_account;  /* 12 digits, in ARNs; NULL: 000000000000 */
    const char *aws_region;   /* in ARNs; NULL: us-east-1 */
    struct s3_config s3;      /* buckets */
    bool        s3_presigned; /* browsers read pictures from the bucket itself, by presigned URLs */
    int64_t     s3_cache;     /* bytes of pictures kept beside the database; 0: 10 GB */
};

enum { HELD_VERSIONS = 4096 }; /* people that share one by their ids are told once too often */

/* Counted since the start, for /metrics. */
struct service_numbers {
    atomic_llong     leases_expired, answers, rounds_running, rounds_failed;
    struct histogram round_us; /* of rounds that were written down */
};

struct service {
    struct service_config config;
    char              *data_dir; /* absolute */
    char              *cache_dir; /* in it */
    int                lock_fd;
    struct writer     *writer;
    struct db_pool    *pool;
    struct blob_store *blobs;
    struct vault      *vault;
    struct s3         *s3;
    struct remote     *remote;  /* pictures in buckets */
    struct label_cache *label_cache;
    struct insight_cache *insights;
    struct scheduler  *scheduler;
    struct windows    *windows; /* of undo */
    struct held       *held;    /* leases by person */
    struct backups    *backups;
    int64_t            started; /* wall clock */
    int64_t            started_boot; /* boot time: how far the wall clock has jumped since */
    int64_t            clock_offset; /* boot time + this = the lease clock */
    atomic_uint        jobs_version, access_version, workforce_version;
    atomic_uint        held_version[HELD_VERSIONS];
    service_publish   *publish;
    void              *publish_context;
    struct service_numbers numbers;
};

/* Locks and opens the folder (made when missing), brings the database up to date. 409
 * storage.locked when another process has it. NULL on failure. */
struct service *service_open(const struct service_config *config, struct error *err);
void            service_close(struct service *s); /* stops the scheduler first; NULL is fine */

/* Whether there is nothing left to do: no import, export, backup or answer waits, and each thread of
 * the loop has looked twice since somebody found work. */
bool service_idle(struct service *s, bool *idle, struct error *err);

/* Starts the threads of the loop. */
bool service_run(struct service *s, struct error *err);

/* Ends the threads of the loop, once nothing wakes or asks them any more; service_close does it when
 * nobody has. Writes still work. */
void service_rest(struct service *s);

/* Wakes the scheduler: there is something to do now. Any thread. */
void service_wake(struct service *s);

/* For caches: numbers that grow after every commit that has changed any job (its settings, state,
 * labels, people), taken away a right of anybody's (a key, a role), changed the workforce, or changed
 * what this person holds. Read before the database is. */
unsigned service_jobs_version(struct service *s);
unsigned service_access_version(struct service *s);
unsigned service_workforce_version(struct service *s);
unsigned service_held_version(struct service *s, int64_t person);

/* The lease clock: never jumps with the wall clock. And a time of it as wall clock time. */
int64_t service_lease_now(const struct service *s);
int64_t service_lease_to_wall(const struct service *s, int64_t lease_us);

int64_t service_database_bytes(const struct service *s);

/* A job's label set of a version, parsed once and shared; valid until service_labels_give. */
const struct label_set *service_labels_take(struct service *s, struct db *db, int64_t job,
                                            int64_t version, struct error *err);
/* NULL when it is not in memory. */
const struct label_set *service_labels_find(struct service *s, int64_t job, int64_t version);
void service_labels_give(struct service *s, const struct label_set *set);

/* Publishes the job's state and counters to its listeners. */
void service_publish_counts(struct service *s, int64_t job);

#endif
