/* work.c - reading and writing on behalf of a call. */
#include "door.h"

#include "plumbline/db/writer.h"

bool aws_read(struct aws_call *c, aws_reader *read, struct error *err)
{
    struct db_pool *pool = c->aws->service->pool;
    struct db *db = db_pool_take(pool, err);
    bool ok;

    if (!db)
        return false;
    ok = db_begin_read(db, err) && read(c, db, err);
    db_end_read(db);
    db_pool_give(pool, db);
    return ok;
}

struct pending {
    struct write piece; /* first: what the writer hands back is a pointer to it */
    struct aws_call *call;
    aws_finish *finish;
};

static void written(struct write *piece)
{
    const struct pending *p = (struct pending *)piece;
    struct http_request *rq = p->call->rq;

    rq->error = piece->error;
    http_resume(rq);
}

static void post(struct http_request *rq, void *context)
{
    struct pending *p = context;

    if (!writer_post(p->call->aws->service->writer, &p->piece, &rq->error))
        http_resume(rq);
}

static bool finish(struct http_request *rq, struct error *err)
{
    struct aws_call *c = rq->user;
    const struct pending *p = c->pending;

    return p->finish(c, err);
}

bool aws_write(struct aws_call *c, write_run *run, aws_finish *then)
{
    struct pending *p = arena_alloc(&c->arena, sizeof *p);

    p->call = c;
    p->finish = then;
    p->piece = (struct write){.run = run, .context = c, .done = written};
    c->pending = p;
    return http_defer(c->rq, finish, post, p);
}
