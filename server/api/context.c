/* context.c - reading, writing and finding things on behalf of a request. */
#include "context.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool api_read(struct http_request *rq, api_reader *read, struct error *err)
{
    struct db_pool *pool = service_of(rq)->pool;
    struct db *db = db_pool_take(pool, err);
    bool ok;

    if (!db)
        return false;
    ok = db_begin_read(db, err) && read(rq, db, err);
    db_end_read(db);
    db_pool_give(pool, db);
    return ok;
}

/* ---- writes ---- */

struct pending {
    struct write         piece; /* first: what the writer hands back is a pointer to it */
    struct http_request *rq;
    bool                 access;
};

static void written(struct write *piece)
{
    const struct pending *p = (struct pending *)piece;
    struct http_request *rq = p->rq;

    if (p->access)
        access_cache_forget(api_of(rq)->access);
    rq->error = piece->error;
    http_resume(rq);
}

static void post_write(struct http_request *rq, void *context)
{
    struct pending *p = context;

    if (!writer_post(service_of(rq)->writer, &p->piece, &rq->error))
        http_resume(rq);
}

static bool defer_write(struct http_request *rq, write_run *run, void *context,
                        http_handler *finish, bool access, bool repeatable)
{
    struct pending *p = arena_alloc(&rq->arena, sizeof *p);

    p->rq = rq;
    p->access = access;
    p->piece = (struct write){
        .run = run, .context = context, .done = written, .repeatable = repeatable};
    return http_defer(rq, finish, post_write, p);
}

bool api_write(struct http_request *rq, write_run *run, void *context, http_handler *finish)
{
    return defer_write(rq, run, context, finish, false, false);
}

bool api_write_again(struct http_request *rq, write_run *run, void *context, http_handler *finish)
{
    return defer_write(rq, run, context, finish, false, true);
}

bool api_write_access(struct http_request *rq, write_run *run, void *context,
                      http_handler *finish)
{
    return defer_write(rq, run, context, finish, true, false);
}

bool api_empty(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_reply_empty(rq, 204);
}

/* ---- names of things ---- */

bool api_id(const char *text, const char *prefix, int64_t *id, struct error *err)
{
    size_t n = strlen(prefix);
    char *end;

    if (strncmp(text, prefix, n) == 0 && text[n] == '_' && text[n + 1] >= '1' &&
        text[n + 1] <= '9') {
        errno = 0;
        *id = strtoll(text + n + 1, &end, 10);
        if (!errno && *end == '\0')
            return true;
    }
    return error_not_found(err, strcmp(prefix, "ans") == 0   ? "answer"
                                : strcmp(prefix, "exp") == 0 ? "export"
                                : strcmp(prefix, "imp") == 0 ? "import"
                                : strcmp(prefix, "inv") == 0 ? "invitation"
                                                             : prefix,
                           "There is nothing with the id \"%.60s\".", text);
}

const char *api_id_text(struct arena *a, const char *prefix, int64_t id)
{
    return id ? arena_id(a, prefix, id) : NULL;
}

bool api_job(struct http_request *rq, struct db *db, int at, struct job *out, struct error *err)
{
    const char *text = rq->param[at];
    int64_t id;

    if (strncmp(text, "job_", 4) == 0) /* a name cannot contain an underscore */
        return api_id(text, "job", &id, err) && job_get(db, id, &rq->arena, out, err);
    return job_by_name(db, text, &rq->arena, out, err);
}

bool api_job_is_there(struct db *db, int64_t id, struct error *err)
{
    struct arena a;
    struct job job;
    bool ok;

    arena_init(&a);
    ok = job_get(db, id, &a, &job, err);
    arena_release(&a);
    return ok;
}

bool api_labelled_job(struct http_request *rq, struct db *db, int at, struct job *out,
                      struct error *err)
{
    int64_t id;
    bool by_id = strncmp(rq->param[at], "job_", 4) == 0;

    return (by_id ? api_id(rq->param[at], "job", &id, err) &&
                        job_get_bare(db, id, &rq->arena, out, err)
                  : api_job(rq, db, at, out, err)) &&
           api_may_label(rq, db, out, err);
}

bool api_may_label(struct http_request *rq, struct db *db, const struct job *job,
                   struct error *err)
{
    bool may;

    if (rq->local || (rq->roles & WHO_LEAD))
        return true;
    if (!job_may_label(db, job->id, rq->person, &may, err))
        return false;
    return may || error_not_found(err, "job", "There is no such job, or you are not on it.");
}

bool api_needs_person(const struct http_request *rq, struct error *err)
{
    return rq->person > 0 ||
           error_set(err, 403, "role.forbidden", "",
                     "This is about somebody's own work: use that person's session or token.");
}

bool page_after(const struct page_query *p, int64_t *after, struct error *err)
{
    char *end;

    *after = 0;
    if (!p->after || !*p->after)
        return true;
    errno = 0;
    *after = strtoll(p->after, &end, 10);
    return (!errno && *end == '\0' && *after >= 0) ||
           error_invalid(err, "after", "\"after\" must be the `next` of the page before.");
}
