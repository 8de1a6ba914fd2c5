/* import_copy.c - the lines of one job become the source of another's import. */
#include "import_copy.h"

#include "plumbline/base/clock.h"
#include "snapshot.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char PREFIX[] = "copy-";

const char *import_copy_path(const struct service *s, struct arena *a, int64_t from,
                             enum clone_lines lines)
{
    uint64_t name;

    randombytes_buf(&name, sizeof name);
    return arena_printf(a, "%s/uploads/%s%lld-%s-%016llx.jsonl", s->data_dir, PREFIX,
                        (long long)from, clone_lines_names[lines], (unsigned long long)name);
}

/* No upload begins like it: their names have no hyphen. */
static bool parse(const struct import_row *row, int64_t *from, enum clone_lines *lines)
{
    const char *name = strrchr(row->path, '/');
    long long job;
    char what[8];

    if (!row->owned || !name || strncmp(name + 1, PREFIX, sizeof PREFIX - 1) != 0 ||
        sscanf(name + sizeof PREFIX, "%lld-%7[a-z]-", &job, what) != 2)
        return false;
    *from = job;
    *lines = strcmp(what, clone_lines_names[CLONE_OUTPUT]) == 0 ? CLONE_OUTPUT : CLONE_INPUT;
    return true;
}

int64_t import_copy_from(const struct import_row *row)
{
    enum clone_lines lines;
    int64_t from;

    return parse(row, &from, &lines) ? from : 0;
}

/* Lines without a label are exported as they came. */
static bool next_as_it_came(void *context, struct export_item *item, bool *end, struct error *err)
{
    const struct export_source *inner = context;
    bool ok = inner->next(inner->ctx, item, end, err);

    item->origin = EXPORT_NONE;
    return ok;
}

static bool write_lines(struct service *s, struct db *db, const struct import_row *row,
                        int64_t from, enum clone_lines lines, struct error *err)
{
    struct snapshot x;
    bool ok = snapshot_begin(&x, s, db, from, clock_now_us(), err) &&
              snapshot_all(&x, EXPORT_MANIFEST, false, err);

    if (ok) {
        struct export_options options = snapshot_options(&x);
        struct export_source labelled = snapshot_source(&x),
                             came = {.ctx = &labelled, .next = next_as_it_came};

        ok = export_write_path(&options, lines == CLONE_OUTPUT ? &labelled : &came, row->path, NULL,
                               err);
    }
    snapshot_end(&x);
    return ok;
}

bool import_copy_write(struct service *s, const struct import_row *row, struct error *err)
{
    enum clone_lines lines;
    struct db *db;
    int64_t from;
    bool ok;

    if (!parse(row, &from, &lines) || access(row->path, F_OK) == 0)
        return true;
    db = db_pool_take(s->pool, err);
    ok = db && write_lines(s, db, row, from, lines, err);
    db_pool_give(s->pool, db);
    if (!ok && strcmp(err->code, "export.interrupted") == 0)
        return error_set(err, 503, "import.interrupted", "", "The service is stopping.");
    return ok;
}

bool import_copy_payload(struct service *s, int64_t from, int64_t line, struct arena *a,
                         struct payload *out, struct error *err)
{
    struct db *db = db_pool_take(s->pool, err);
    bool ok = db && payload_get(db, item_id(from, line), a, out, err);

    db_pool_give(s->pool, db);
    return ok;
}
