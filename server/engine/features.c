/* features.c - what the learner sees of a job's items, made once in a child process and kept in a
 * file beside the database. Rows are added in line order, so the file's length says where to go
 * on. */
#include "autolabel.h"
#include "crew.h"
#include "plumbline/engine/child.h"
#include "plumbline/engine/content.h"
#include "plumbline/engine/remote.h"
#include "plumbline/learn/child.h"
#include "scheduler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 200, SAMPLE_IMAGES = 4000, WARM = 24, HELPERS = 3 };

struct feeder {
    struct service    *service;
    enum task_media    media;
    const struct learn_model *initial; /* or NULL */
    struct learn_child child;
    uint64_t           there; /* rows already in the file */
    uint64_t           threshold; /* of the sample: of 2^32 */
    int64_t            seed;
    int                sent, sampled;
    struct crew       *crew;
};

typedef bool each_item(struct feeder *f, const struct item_row *row, struct error *err);
typedef bool wants_item(const struct feeder *f, const struct item_row *row);

/* ---- pictures in buckets: the next few are fetched together ---- */

struct ahead {
    struct service *service;
    const char     *uri[WARM];
};

static void fetch_one(void *context, int i)
{
    struct ahead *a = context;
    struct error err = {0};
    int64_t size;
    int fd;

    if (!scheduler_stopping(a->service->scheduler) &&
        remote_open(a->service, a->uri[i], &fd, &size, &err))
        close(fd); /* whoever needs it is told what was wrong */
}

static void fetch_ahead(struct feeder *f, const struct item_row *rows, int count,
                        wants_item *wants)
{
    struct ahead a = {.service = f->service};
    int n = 0;

    for (int i = 0; i < count && i < WARM; i++)
        if (rows[i].payload.remote && !rows[i].payload.media && wants(f, &rows[i]))
            a.uri[n++] = rows[i].payload.remote;
    if (n > 1)
        crew_run(f->crew, fetch_one, &a, n);
}

static bool for_each(struct feeder *f, struct db *db, int64_t job, each_item *each,
                     wants_item *wants, struct error *err)
{
    int64_t after = 0;
    bool ok = true;

    do {
        struct item_row *rows;
        struct arena a;
        int64_t next;
        int count;

        arena_init(&a);
        ok = item_list(db, job, after, PAGE, &a, &rows, &count, &next, err);
        for (int i = 0; ok && i < count; i++) {
            if (i % WARM == 0)
                fetch_ahead(f, &rows[i], count - i, wants);
            ok = each(f, &rows[i], err);
        }
        arena_release(&a);
        after = next;
    } while (ok && after > 0);
    return ok;
}

static void ignore_seen(void *context, uint32_t row, bool ok, const char *reason)
{
    (void)context, (void)row, (void)ok, (void)reason; /* an item without features goes to people */
}

/* A picture that cannot be had has no features; one that cannot be had just now must be waited
 * for, or it would never get any. */
static bool waits(struct feeder *f, const struct item_row *row, const struct error *why,
                  struct error *err)
{
    if (!content_may_come(f->service, &row->payload, why))
        return true;
    *err = *why;
    err->status = 503;
    return false;
}

/* The same choice on every run: a hash of the item decides. */
static bool wants_sample(const struct feeder *f, const struct item_row *row)
{
    uint64_t h = (uint64_t)row->item.id * UINT64_C(0x9E3779B97F4A7C15);

    return (row->payload.media || (row->payload.remote && row->item.state != ITEM_FAILED)) &&
           (h >> 32) <= f->threshold && f->sampled < SAMPLE_IMAGES;
}

static bool send_sample(struct feeder *f, const struct item_row *row, struct error *err)
{
    struct error why = {0};
    void *bytes;
    size_t size;
    bool ok;

    if (!wants_sample(f, row))
        return true;
    if (scheduler_stopping(f->service->scheduler))
        return error_set(err, 503, "learn.interrupted", "", "The service is stopping.");
    if (!content_bytes(f->service, f->media, &row->payload, &bytes, &size, &why))
        return waits(f, row, &why, err); /* told again when its features are made */
    ok = learn_child_sample(&f->child, bytes, size, err);
    free(bytes);
    f->sampled++;
    return ok;
}

static bool wants_features(const struct feeder *f, const struct item_row *row)
{
    return (uint64_t)row->item.line >= f->there && row->item.state != ITEM_FAILED;
}

static bool send_item(struct feeder *f, const struct item_row *row, struct error *err)
{
    struct error why = {0};
    void *bytes = NULL;
    size_t size = 0;
    bool ok;

    if ((uint64_t)row->item.line < f->there)
        return true;
    if (scheduler_stopping(f->service->scheduler))
        return error_set(err, 503, "learn.interrupted", "", "The service is stopping.");
    if (row->item.state != ITEM_FAILED &&
        !content_bytes(f->service, f->media, &row->payload, &bytes, &size, &why) &&
        !waits(f, row, &why, err))
        return false;
    ok = learn_child_item(&f->child, (uint32_t)row->item.line, bytes, size, err);
    free(bytes);
    if (ok && ++f->sent % LEARN_FLUSH_ITEMS == 0)
        ok = learn_child_flush(&f->child, ignore_seen, NULL, err);
    return ok;
}

/* A model's dictionary was learned with the seed of its own job. */
static struct learn_extractor extractor_of(const struct feeder *f, const struct job *job)
{
    const struct learn_extractor *x = f->initial ? learn_model_extractor(f->initial) : NULL;

    if (f->media != TASK_IMAGE)
        return learn_extractor_text();
    return x && x->kind == LEARN_IMAGE ? *x : learn_extractor_image((uint64_t)job->id);
}

static bool give_dictionary(struct feeder *f, struct db *db, const struct job *job,
                            struct error *err)
{
    size_t size = 0;
    const void *bytes = f->initial ? learn_model_dictionary(f->initial, &size) : NULL;

    return bytes ? learn_child_dictionary(&f->child, bytes, size, err)
                 : for_each(f, db, job->id, send_sample, wants_sample, err);
}

static bool feed(struct feeder *f, struct db *db, const struct job *job, const char *path,
                 struct error *err)
{
    struct learn_extractor x = extractor_of(f, job);
    bool needs_sample;

    if (!learn_child_open(&f->child, &x, path, &f->there, &needs_sample, err))
        return false;
    if (needs_sample && !give_dictionary(f, db, job, err))
        return false;
    return for_each(f, db, job->id, send_item, wants_features, err) &&
           learn_child_flush(&f->child, ignore_seen, NULL, err) &&
           learn_child_end(&f->child, err);
}

/* One child's go at it; what it leaves in the file stands, and the next one goes on from there. */
static bool try_update(struct feeder *f, struct db *db, const struct job *job, const char *path,
                       struct error *err)
{
    struct child child;

    if (!child_start(&child, "features", f->service->config.child_memory, err))
        return false;
    f->child = (struct learn_child){.to_child = child.to, .from_child = child.from};
    f->sent = f->sampled = 0;
    if (feed(f, db, job, path, err)) {
        child_finish(&child, NULL);
        return true;
    }
    child_kill(&child);
    return false;
}

bool features_update(struct service *s, struct db *db, const struct job *job,
                     const struct task_type *type, const struct learn_model *initial,
                     const char *path, struct error *err)
{
    struct feeder f = {.service = s, .media = type->media, .initial = initial};
    bool ok = false;

    f.threshold = job->next_line > SAMPLE_IMAGES
                      ? (UINT64_C(1) << 32) * SAMPLE_IMAGES / (uint64_t)job->next_line
                      : UINT64_C(1) << 32;
    f.crew = crew_new(HELPERS);
    for (int tried = 1; !ok; tried++) {
        ok = try_update(&f, db, job, path, err);
        if (ok || strcmp(err->code, "learn.child_gone") != 0 || tried == CHILDREN_TRIED)
            break;
        memset(err, 0, sizeof *err);
    }
    crew_free(f.crew);
    return ok;
}
