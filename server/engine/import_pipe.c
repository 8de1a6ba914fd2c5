/* import_pipe.c - three pieces in a ring: one is filled while the writer has the other two.
 *
 * The writer runs a piece in one go, and a request that comes meanwhile waits for its end. So a
 * piece is as large as fits into a time: a short one while others write, a longer one when nobody
 * has for a while, which saves commits. */
#include "import_pipe.h"

#include "plumbline/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEPTH = 3,
    PIECE_FIRST = 250, /* lines, until it is known how fast they are written */
    PIECE_MIN = 20,
    PIECE_BYTES = 2 << 20,
    SHARED_US = 300, /* of the writer, a piece */
    ALONE_US = 6000,
    ALONE_AFTER_US = 1000000,
    LOOK_US = 400000, /* between looks at who else writes */
    AGE_US = 300000, /* pictures come slowly: what is there goes out */
    AGE_LOOK = 8, /* lines between looks at the clock */
};

struct import_pipe {
    struct service      *service;
    struct import_piece *piece[DEPTH];
    int                  now, limit;
    int64_t              lines; /* before the piece that is being filled */
    int64_t              started; /* when that was begun */
    int64_t              others, looked; /* pieces of others at the last look */
    int64_t              busy; /* when there were some last */
    int64_t              own; /* pieces sent */
    struct error         error; /* the first */
};

static void piece_done(struct write *w)
{
    sem_post(&((struct import_piece *)w)->idle);
}

static void begin(struct import_pipe *p)
{
    struct import_piece *piece = p->piece[p->now];

    piece->work.from = p->lines;
    piece->work.lines = piece->work.duplicates = 0;
    piece->work.n = piece->work.n_errors = piece->work.n_buckets = 0;
    piece->bytes = 0;
    p->started = clock_monotonic_us();
}

struct import_pipe *import_pipe_new(struct service *s, const struct import_row *row,
                                    int64_t bytes_total)
{
    struct import_pipe *p = must_alloc(sizeof *p);
    struct writer_numbers numbers;

    writer_numbers(s->writer, &numbers);
    p->others = numbers.pieces;
    p->service = s;
    p->lines = row->lines;
    p->limit = PIECE_FIRST;
    p->looked = p->busy = clock_monotonic_us(); /* nothing is known yet: rather small pieces */
    for (int i = 0; i < DEPTH; i++) {
        struct import_piece *piece = p->piece[i] = must_alloc(sizeof *piece);

        piece->write = (struct write){
            .run = items_add_piece, .context = &piece->work, .done = piece_done};
        piece->work = (struct items_piece){.job = row->job,
                                           .import = row->id,
                                           .bytes_total = bytes_total,
                                           .v = piece->item,
                                           .errors = piece->error};
        arena_init(&piece->texts);
        sem_init(&piece->idle, 0, 1);
    }
    sem_wait(&p->piece[0]->idle);
    begin(p);
    return p;
}

static void wait_for(struct import_piece *piece)
{
    while (sem_wait(&piece->idle) != 0) /* a signal: wait on */
        ;
}

void import_pipe_free(struct import_pipe *p)
{
    if (!p)
        return;
    sem_post(&p->piece[p->now]->idle);
    for (int i = 0; i < DEPTH; i++) {
        wait_for(p->piece[i]);
        sem_destroy(&p->piece[i]->idle);
        arena_release(&p->piece[i]->texts);
        free(p->piece[i]);
    }
    free(p);
}

struct import_piece *import_pipe_piece(struct import_pipe *p)
{
    return p->piece[p->now];
}

/* Is somebody else writing? */
static bool shared(struct import_pipe *p)
{
    struct writer_numbers numbers;
    int64_t now = clock_monotonic_us();

    if (now >= p->looked + LOOK_US) {
        writer_numbers(p->service->writer, &numbers);
        if (numbers.pieces - p->own >= p->others + DEPTH) /* fewer of ours may not be counted */
            p->busy = now;
        p->others = numbers.pieces - p->own;
        p->looked = now;
    }
    return now - p->busy < ALONE_AFTER_US;
}

/* How many lines fit into the time that a piece may take, by what the last one took. */
static void measure(struct import_pipe *p, const struct items_piece *last)
{
    double each, fit;

    if (last->n < PIECE_MIN || last->run_us <= 0)
        return;
    each = (double)last->run_us / last->n;
    fit = (shared(p) ? SHARED_US : ALONE_US) / each;
    if (fit > 2.0 * p->limit)
        fit = 2.0 * p->limit;
    p->limit = fit < PIECE_MIN ? PIECE_MIN : fit > PIECE_ITEMS ? PIECE_ITEMS : (int)fit;
}

/* Takes the oldest piece back: it is the next to be filled. False when it failed. */
static bool take_back(struct import_pipe *p, struct error *err)
{
    struct import_piece *piece;

    p->now = (p->now + 1) % DEPTH;
    piece = p->piece[p->now];
    wait_for(piece);
    arena_release(&piece->texts);
    if (piece->write.error.status && !p->error.status)
        p->error = piece->write.error;
    measure(p, &piece->work);
    begin(p);
    if (!p->error.status)
        return true;
    *err = p->error;
    return false;
}

static bool send(struct import_pipe *p, struct error *err)
{
    struct import_piece *piece = p->piece[p->now];

    p->lines += piece->work.lines;
    p->own++;
    writer_post_low(p->service->writer, &piece->write);
    return take_back(p, err);
}

bool import_pipe_is_full(const struct import_pipe *p)
{
    const struct import_piece *piece = p->piece[p->now];

    return piece->work.n >= p->limit || piece->work.n_errors == PIECE_ERRORS ||
           piece->work.n_buckets == PIECE_BUCKETS ||
           piece->bytes > PIECE_BYTES ||
           (piece->work.lines % AGE_LOOK == 0 && clock_monotonic_us() > p->started + AGE_US);
}

bool import_pipe_line(struct import_pipe *p, bool *sent, struct error *err)
{
    bool full = import_pipe_is_full(p);

    if (sent)
        *sent = full;
    return !full || send(p, err);
}

bool import_pipe_end(struct import_pipe *p, struct error *err)
{
    bool ok = p->piece[p->now]->work.lines == 0 || send(p, err);

    for (int i = 1; i < DEPTH; i++) { /* an idle one comes back at once */
        sem_post(&p->piece[p->now]->idle);
        ok = take_back(p, err) && ok;
    }
    return ok;
}
