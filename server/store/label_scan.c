/* label_scan.c - the two long statements behind an export. */
#include "plumbline/store/label_scan.h"

#include "plumbline/store/items.h"

static void bind_range(struct stmt *q, int64_t job)
{
    stmt_bind_int(q, 1, item_id(job, 0));
    stmt_bind_int(q, 2, item_last(job));
}

#define MANIFEST                                                                                   \
    "SELECT item.id, item.state, item.class, payload.line, label.confidence, label.created,"      \
    " label.model, label.round, label.estimate, payload.failure"
#define ROWS MANIFEST ", item.done, payload.key, label.posterior, label.previous"
#define TABLES                                                                                     \
    " FROM item NOT INDEXED CROSS JOIN payload ON payload.item = item.id LEFT JOIN label ON"      \
    " label.id = item.label"
#define ORDER " WHERE item.id BETWEEN ?1 AND ?2 ORDER BY item.id"

struct stmt *label_scan_open(struct db *db, int64_t job, enum label_scan_depth depth)
{
    static const char manifest[] = MANIFEST TABLES ORDER, rows[] = ROWS TABLES ORDER;
    static const char guesses[] = ROWS ", guess.class, guess.p, guess.model" TABLES
                                  " LEFT JOIN guess ON guess.item = item.id AND item.state < 3"
                                  ORDER;
    struct stmt *q = db_stmt(db, depth == SCAN_MANIFEST ? manifest
                                 : depth == SCAN_ROWS   ? rows
                                                        : guesses);

    bind_range(q, job);
    return q;
}

struct stmt *label_scan_iteration(struct db *db, int64_t job, int64_t iteration)
{
    /* The items of which the first label by people is in a delivery of that iteration. */
    static const char sql[] =
        MANIFEST " FROM (SELECT DISTINCT l.item AS id FROM delivery AS d CROSS JOIN label AS l"
                 "  ON l.job = d.job AND l.id BETWEEN d.first AND d.last"
                 "  LEFT JOIN label AS before ON before.id = l.previous"
                 "  WHERE d.job = ?1 AND d.iteration = ?2 AND l.origin = 1"
                 "  AND coalesce(before.origin, 0) <> 1) AS i"
                 " CROSS JOIN item ON item.id = i.id CROSS JOIN payload ON payload.item = item.id"
                 " LEFT JOIN label ON label.id = item.label ORDER BY i.id";
    struct stmt *q = db_stmt(db, sql);

    stmt_bind_int(q, 1, job);
    stmt_bind_int(q, 2, iteration);
    return q;
}

struct stmt *label_scan_round(struct db *db, int64_t job, int64_t round)
{
    static const char sql[] =
        MANIFEST " FROM item INDEXED BY item_state CROSS JOIN payload ON payload.item = item.id"
                 " CROSS JOIN label ON label.id = item.label"
                 " WHERE item.state > 0 AND item.state = 4 AND item.id BETWEEN ?1 AND ?2"
                 " AND label.round = ?3 ORDER BY item.id";
    struct stmt *q = db_stmt(db, sql);

    bind_range(q, job);
    stmt_bind_int(q, 3, round);
    return q;
}

static void read_label(struct stmt *q, enum label_scan_depth depth, struct scanned_label *out)
{
    out->labelled = true;
    out->class_index = row_is_null(q, 2) ? -1 : (int)row_int(q, 2);
    out->confidence = row_real(q, 4);
    out->created = row_int(q, 5);
    if (out->state == ITEM_MACHINE) {
        out->model = row_int(q, 6);
        out->round = row_int(q, 7);
        out->estimate = row_real(q, 8);
    }
    if (depth != SCAN_MANIFEST) {
        out->posterior = row_real(q, 12);
        out->previous = row_int(q, 13);
    }
}

bool label_scan_next(struct stmt *q, enum label_scan_depth depth, struct scanned_label *out)
{
    if (!stmt_row(q))
        return false;
    *out = (struct scanned_label){
        .item = row_int(q, 0), .state = (int)row_int(q, 1), .class_index = -1};
    out->raw = row_blob(q, 3, &out->raw_size);
    if (out->state == ITEM_HUMAN || out->state == ITEM_MACHINE)
        read_label(q, depth, out);
    else if (out->state == ITEM_FAILED)
        out->failure = row_text(q, 9);
    if (depth == SCAN_MANIFEST)
        return true;
    out->answers = row_int(q, 10);
    out->key = row_text(q, 11);
    out->guessed = depth == SCAN_GUESSES && !out->labelled && !row_is_null(q, 14);
    if (out->guessed) {
        out->class_index = (int)row_int(q, 14);
        out->posterior = row_real(q, 15);
        out->model = row_int(q, 16);
    }
    return true;
}

bool label_scan_close(struct stmt *scan, struct error *err)
{
    return !scan || stmt_done(scan, err);
}

struct stmt *answer_scan_open(struct db *db, int64_t job)
{
    static const char sql[] =
        "SELECT slot.item, slot.person, slot.since, answer.accepted, answer.created,"
        " answer.active_ms, answer.class FROM slot CROSS JOIN answer ON answer.id = slot.answer"
        " WHERE slot.item BETWEEN ?1 AND ?2 AND slot.state = 2"
        " ORDER BY slot.item, slot.person";
    struct stmt *q = db_stmt(db, sql);

    bind_range(q, job);
    return q;
}

bool answer_scan_next(struct stmt *q, struct scanned_answer *out)
{
    if (!stmt_row(q))
        return false;
    *out = (struct scanned_answer){.item = row_int(q, 0),
                                   .person = row_int(q, 1),
                                   .since = row_int(q, 2),
                                   .accepted = row_int(q, 3),
                                   .created = row_int(q, 4),
                                   .active_ms = row_int(q, 5),
                                   .class_index = row_is_null(q, 6) ? -1 : (int)row_int(q, 6)};
    return true;
}
