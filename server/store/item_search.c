/* item_search.c - the walk behind the items list: one index leads, the other filters look.
 *
 * A cursor is the letter of the way, then where the walk stood: "l4294967300", "d0.53,4294967300".
 * The letter is in it because the best way may change between two pages, and a walk must not.
 */
#include "plumbline/store/item_search.h"

#include "item_rows.h"
#include "rows.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS_MAX = 2500,      /* of one page: an item is a step, each further look at it is another, and
                              so is each TEXT_STEP of a line */
    TEXT_STEP = 256,
    ESTIMATE_MAX = 1000,   /* items along `below` are counted so far */
};

struct candidate {
    int64_t id;
    int     state, class_index;
    double  posterior;
};

struct walk {
    struct db                *db;
    const struct item_filter *f;
    char    way;
    int64_t after;     /* the item looked at last; 0: none yet */
    double  posterior; /* of that item, on the way of doubt */
    int     steps;
};

/* ---- the ways ---- */

#define CANDIDATES "SELECT item.id, item.state, item.class, item.posterior FROM "
#define IN_RANGE "item.id BETWEEN ?1 AND ?2"

static const char by_line[] = CANDIDATES "item NOT INDEXED WHERE " IN_RANGE " ORDER BY item.id";
static const char by_waiting[] = CANDIDATES "item INDEXED BY item_waiting WHERE state = 0 AND "
                                            IN_RANGE " ORDER BY item.id";
static const char by_state[] = CANDIDATES "item INDEXED BY item_state WHERE state = ?3 AND"
                                          " state > 0 AND " IN_RANGE " ORDER BY item.id";
static const char by_labelled[] =
    CANDIDATES "item INDEXED BY item_state WHERE state = 3 AND state > 0 AND " IN_RANGE
    " UNION ALL " CANDIDATES "item INDEXED BY item_state WHERE state = 4 AND state > 0 AND " IN_RANGE
    " ORDER BY 1";
static const char by_class[] = CANDIDATES "item INDEXED BY item_class WHERE class = ?3 AND "
                                          IN_RANGE " ORDER BY item.id";
static const char by_person[] =
    CANDIDATES "answered CROSS JOIN item ON item.id = answered.item WHERE answered.person = ?3"
    " AND answered.item BETWEEN ?1 AND ?2 ORDER BY answered.item";
static const char by_guess[] =
    CANDIDATES "guess NOT INDEXED CROSS JOIN item ON item.id = guess.item"
    " WHERE guess.item BETWEEN ?1 AND ?2 AND item.state < 3 ORDER BY guess.item";
/* The rest of the items that are as sure as the last one, then the surer ones. */
static const char by_doubt[] =
    CANDIDATES "item INDEXED BY item_doubt WHERE id >> 32 = ?4 AND posterior = ?5 AND"
    " posterior < ?3 AND item.id >= ?1 UNION ALL "
    CANDIDATES "item INDEXED BY item_doubt WHERE id >> 32 = ?4 AND posterior > ?5 AND"
    " posterior < ?3 ORDER BY 4, 1";

static struct stmt *walk_open(const struct walk *w)
{
    const struct item_filter *f = w->f;
    const char *sql = w->way == 'w'   ? by_waiting
                      : w->way == 's' ? by_state
                      : w->way == 'b' ? by_labelled
                      : w->way == 'c' ? by_class
                      : w->way == 'p' ? by_person
                      : w->way == 'g' ? by_guess
                      : w->way == 'd' ? by_doubt
                                      : by_line;
    struct stmt *q = db_stmt(w->db, sql);

    stmt_bind_int(q, 1, item_next(f->job, w->after));
    stmt_bind_int(q, 2, item_last(f->job));
    if (w->way == 's')
        stmt_bind_int(q, 3, f->state == ITEM_HUMAN || f->state < 0
                                ? (f->origin == ORIGIN_HUMAN ? ITEM_HUMAN : ITEM_MACHINE)
                                : f->state);
    else if (w->way == 'c' || w->way == 'p')
        stmt_bind_int(q, 3, w->way == 'c' ? f->class_index : f->annotator);
    if (w->way == 'd') {
        stmt_bind_real(q, 3, f->below);
        stmt_bind_int(q, 4, f->job);
        stmt_bind_real(q, 5, w->after ? w->posterior : -1);
    }
    return q;
}

/* Can these filters be walked that way? Every item that passes them must lie on it. */
static bool way_fits(const struct item_filter *f, char way)
{
    bool labels = f->origin == ORIGIN_HUMAN || f->origin == ORIGIN_MACHINE;

    switch (way) {
    case 'l':
        return true;
    case 'w':
        return f->state == ITEM_WAITING;
    case 's':
        return (f->state > ITEM_WAITING && f->state != ITEM_HUMAN) || labels;
    case 'b':
        return f->state == ITEM_HUMAN;
    case 'c':
        return f->class_index >= 0 && f->origin != ORIGIN_PROVISIONAL;
    case 'p':
        return f->annotator > 0;
    case 'g':
        return f->origin == ORIGIN_PROVISIONAL ||
               (!isnan(f->below) && !labels && f->class_index < 0 && f->state < ITEM_HUMAN);
    case 'd':
        return !isnan(f->below) && f->origin != ORIGIN_PROVISIONAL;
    default:
        return false;
    }
}

/* ---- which way is the shortest ---- */

static bool estimate(const struct walk *w, char way, int64_t *items, struct error *err)
{
    static const char states[] = "SELECT CASE ?2 WHEN 0 THEN waiting WHEN 1 THEN open WHEN 2 THEN"
                                 " answered WHEN 3 THEN human WHEN 4 THEN machine WHEN 5 THEN failed"
                                 " WHEN 7 THEN human + machine WHEN 8 THEN provisional ELSE 0 END"
                                 " FROM job_count WHERE job = ?1";
    static const char classes[] = "SELECT human + machine FROM class_count"
                                  " WHERE job = ?1 AND class = ?2";
    static const char people[] = "SELECT answers FROM annotator WHERE job = ?1 AND person = ?2";
    static const char doubts[] = "SELECT count(*) FROM (SELECT 1 FROM item INDEXED BY item_doubt"
                                 " WHERE id >> 32 = ?1 AND posterior < ?2 LIMIT ?3)";
    const struct item_filter *f = w->f;
    struct stmt *q = db_stmt(w->db, way == 'd'   ? doubts
                                    : way == 'c' ? classes
                                    : way == 'p' ? people
                                                 : states);
    struct error why = {0};

    stmt_bind_int(q, 1, f->job);
    if (way == 'd') {
        stmt_bind_real(q, 2, f->below);
        stmt_bind_int(q, 3, ESTIMATE_MAX);
    } else {
        stmt_bind_int(q, 2, way == 'c'   ? f->class_index
                            : way == 'p' ? f->annotator
                            : way == 'b' ? 7
                            : way == 'g' ? 8
                            : way == 'w' ? ITEM_WAITING
                            : f->origin == ORIGIN_HUMAN   ? ITEM_HUMAN
                            : f->origin == ORIGIN_MACHINE ? ITEM_MACHINE
                                                          : f->state);
    }
    *items = 0; /* where nothing is counted there is nothing */
    if (!stmt_int(q, items, &why) && why.status) {
        *err = why;
        return false;
    }
    return true;
}

static bool choose(struct walk *w, struct error *err)
{
    static const char ways[] = "cpswbgd";
    int64_t least = INT64_MAX, items;

    w->way = 'l';
    for (const char *way = ways; *way; way++) {
        if (!way_fits(w->f, *way) || (*way == 'g' && w->f->origin != ORIGIN_PROVISIONAL))
            continue; /* guesses under `below` come behind its labels */
        if (!estimate(w, *way, &items, err))
            return false;
        if (*way == 'd' && items == ESTIMATE_MAX && w->way != 'l')
            continue; /* too many to count: another way is known to be short enough, or as good */
        if (items < least) {
            w->way = *way;
            least = items;
        }
    }
    return true;
}

/* ---- what an item on the way must pass ---- */

static bool state_passes(const struct item_filter *f, int state)
{
    if (f->state >= 0 && state != f->state &&
        !(f->state == ITEM_HUMAN && state == ITEM_MACHINE))
        return false;
    return (f->origin != ORIGIN_HUMAN || state == ITEM_HUMAN) &&
           (f->origin != ORIGIN_MACHINE || state == ITEM_MACHINE);
}

/* Class and posterior of the label, or of the guess where there is none. */
static bool label_passes(const struct walk *w, struct candidate *c, bool *passes, struct error *err)
{
    const struct item_filter *f = w->f;
    bool wants_guess = f->origin == ORIGIN_PROVISIONAL || !isnan(f->below);
    double p = c->posterior;
    int class_index = c->class_index, guess = -1;
    int64_t model;

    if (wants_guess && c->state < ITEM_HUMAN &&
        !guess_get(w->db, c->id, &guess, &p, &model, err))
        return false;
    if (guess < 0)
        p = c->posterior;
    else if (f->origin == ORIGIN_PROVISIONAL)
        class_index = guess;
    *passes = (f->origin != ORIGIN_PROVISIONAL || guess >= 0) &&
              (f->class_index < 0 || class_index == f->class_index) &&
              (isnan(f->below) || p < f->below);
    return true;
}

static bool person_passes(struct walk *w, int64_t item, bool *passes, struct error *err)
{
    static const char sql[] = "SELECT 1 FROM slot WHERE item = ?1 AND person = ?2 AND state = 2";
    struct stmt *q = db_stmt(w->db, sql);

    w->steps++;
    stmt_bind_int(q, 1, item);
    stmt_bind_int(q, 2, w->f->annotator);
    *passes = stmt_row(q);
    return stmt_done(q, err);
}

static bool text_passes(struct walk *w, int64_t item, bool *passes, struct error *err)
{
    static const char sql[] = "SELECT line FROM payload WHERE item = ?1";
    struct stmt *q = db_stmt(w->db, sql);
    const void *line;
    size_t size;

    stmt_bind_int(q, 1, item);
    *passes = false;
    if (stmt_row(q)) {
        line = row_blob(q, 0, &size);
        w->steps += 1 + (int)(size / TEXT_STEP);
        *passes = line && memmem(line, size, w->f->text, strlen(w->f->text));
    }
    return stmt_done(q, err);
}

static bool check(struct walk *w, struct candidate *c, bool *passes, struct error *err)
{
    const struct item_filter *f = w->f;

    *passes = state_passes(f, c->state);
    if (*passes && !label_passes(w, c, passes, err))
        return false;
    if (*passes && f->text && !text_passes(w, c->id, passes, err))
        return false;
    return !*passes || !f->annotator || person_passes(w, c->id, passes, err);
}

/* Walks until the page is full, the steps are used up, or the way ends (*end). */
static bool walk_on(struct walk *w, int64_t *ids, int *count, bool *end, struct error *err)
{
    struct stmt *q = walk_open(w);
    bool ok = true, passes;

    *end = false;
    while (ok && *count < w->f->limit && w->steps < STEPS_MAX && !*end) {
        struct candidate c;

        *end = !stmt_row(q);
        if (*end)
            break;
        c = (struct candidate){.id = row_int(q, 0),
                               .state = (int)row_int(q, 1),
                               .class_index = row_is_null(q, 2) ? -1 : (int)row_int(q, 2),
                               .posterior = row_is_null(q, 3) ? NAN : row_real(q, 3)};
        w->steps++;
        w->after = c.id;
        w->posterior = c.posterior;
        ok = check(w, &c, &passes, err);
        if (ok && passes)
            ids[(*count)++] = c.id;
    }
    return stmt_done(q, ok ? err : NULL) && ok;
}

/* ---- the cursor ---- */

static bool read_cursor(struct walk *w, const char *after, struct error *err)
{
    char *end;

    if (!after || !*after)
        return choose(w, err);
    w->way = *after;
    if (isdigit((unsigned char)*after)) /* just an item: in line order from there */
        w->way = 'l';
    else
        after++;
    w->posterior = w->way == 'd' ? strtod(after, &end) : NAN;
    if (w->way == 'd')
        after = *end == ',' ? end + 1 : "";
    w->after = strtoll(after, &end, 10);
    if (*after && *end == '\0' && w->after >= 0 && way_fits(w->f, w->way))
        return true;
    return error_invalid(err, "after", "\"after\" must be the `next` of the page before.");
}

static void write_cursor(const struct walk *w, char out[ITEM_CURSOR_SIZE])
{
    if (w->way == 'd')
        snprintf(out, ITEM_CURSOR_SIZE, "d%.17g,%lld", w->posterior, (long long)w->after);
    else
        snprintf(out, ITEM_CURSOR_SIZE, "%c%lld", w->way, (long long)w->after);
}

/* ---- rows of what was found ---- */

#define ROW_COLUMNS                                                                                \
    "SELECT " ITEM_COLUMNS ", payload.line, payload.key, payload.media, payload.width,"           \
    " payload.height, payload.orientation, payload.failure, payload.remote,"                      \
    " coalesce(label.origin, 0), coalesce(label.confidence, 0), coalesce(guess.class, -1),"       \
    " coalesce(guess.p, 0)"                                                                        \
    " FROM item NOT INDEXED CROSS JOIN payload ON payload.item = item.id"                         \
    " LEFT JOIN label ON label.id = item.label"                                                    \
    " LEFT JOIN guess ON guess.item = item.id AND item.state < 3"

static void read_row(struct stmt *q, struct arena *a, struct item_row *r)
{
    read_item(q, &r->item);
    read_payload(q, 10, a, &r->payload);
    r->origin = (int)row_int(q, 18);
    r->confidence = row_real(q, 19);
    r->guess_class = (int)row_int(q, 20);
    r->guess_p = row_real(q, 21);
}

static bool get_rows(struct db *db, const int64_t *ids, struct arena *a, struct item_page *out,
                     struct error *err)
{
    static const char sql[] = ROW_COLUMNS " WHERE item.id = ?1";
    int found = 0;

    out->rows = arena_array(a, (size_t)out->count, sizeof *out->rows);
    for (int i = 0; i < out->count; i++) {
        struct stmt *q = db_stmt(db, sql);

        stmt_bind_int(q, 1, ids[i]);
        if (stmt_row(q))
            read_row(q, a, &out->rows[found++]);
        if (!stmt_done(q, err))
            return false;
    }
    out->count = found; /* a job may be deleted under the reader's eyes */
    return true;
}

bool item_search(struct db *db, const struct item_filter *f, const char *after, struct arena *a,
                 struct item_page *out, struct error *err)
{
    struct walk w = {.db = db, .f = f};
    int64_t *ids = arena_array(a, (size_t)f->limit, sizeof *ids);
    bool end;

    *out = (struct item_page){.reached = -1};
    if (!read_cursor(&w, after, err) || !walk_on(&w, ids, &out->count, &end, err))
        return false;
    if (end && w.way == 'd' && way_fits(f, 'g')) { /* behind the labels the guesses */
        w.way = 'g';
        w.after = 0;
        if (!walk_on(&w, ids, &out->count, &end, err))
            return false;
    }
    if (w.way != 'd' && w.after)
        out->reached = item_line(w.after);
    if (!end)
        write_cursor(&w, out->next);
    return get_rows(db, ids, a, out, err);
}

bool item_list(struct db *db, int64_t job, int64_t after, int limit, struct arena *a,
               struct item_row **out, int *count, int64_t *next, struct error *err)
{
    static const char sql[] = ROW_COLUMNS " WHERE " IN_RANGE " ORDER BY item.id LIMIT ?3";
    struct stmt *q = db_stmt(db, sql);
    int capacity = 0;

    *out = NULL;
    *count = 0;
    *next = 0;
    stmt_bind_int(q, 1, item_next(job, after));
    stmt_bind_int(q, 2, item_last(job));
    stmt_bind_int(q, 3, limit);
    while (stmt_row(q))
        read_row(q, a, rows_next(a, (void **)out, count, &capacity, sizeof **out));
    if (*count == limit)
        *next = (*out)[*count - 1].item.id;
    return stmt_done(q, err);
}
