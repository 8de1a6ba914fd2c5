/* export.c - an immutable snapshot of a job's labels, written as it was at one moment. */
#include "export_bucket.h"
#include "files.h"
#include "plumbline/base/log.h"
#include "plumbline/store/learning.h"
#include "plumbline/store/transfers.h"
#include "scheduler.h"
#include "snapshot.h"
#include "transfer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct exporter {
    struct service   *service;
    struct arena      arena;
    struct export_row row;
};

static bool write_file(struct exporter *x, struct snapshot *from, struct error *err)
{
    struct export_options options;
    struct export_source source = snapshot_source(from);
    struct export_result result;
    char path[PATH_MAX];

    files_export_path(x->service, x->row.id, x->row.format, path);
    if (!snapshot_all(from, (enum export_format)x->row.format, x->row.provisional, err))
        return false;
    options = snapshot_options(from);
    options.labelled_only = x->row.scope == 1;
    if (!export_write_path(&options, &source, path, &result, err))
        return false;
    x->row.lines = result.lines;
    x->row.bytes = result.bytes;
    x->row.sha256 = arena_strdup(&x->arena, result.sha256);
    return true;
}

static bool take_snapshot(struct exporter *x, struct db *db, struct error *err)
{
    struct snapshot from;
    bool ok = snapshot_begin(&from, x->service, db, x->row.job, x->row.created, err) &&
              model_newest(db, x->row.job, &x->row.model, err);

    if (ok) {
        x->row.label_set_version = from.job.label_set_version;
        ok = write_file(x, &from, err);
    }
    snapshot_end(&from); /* before anything is sent: a bucket may be slow */
    return ok;
}

static bool send(struct exporter *x, struct error *err)
{
    char path[PATH_MAX];
    bool ok;

    if (!x->row.destination)
        return true;
    files_export_path(x->service, x->row.id, x->row.format, path);
    ok = export_bucket_put(x->service, path, x->row.format, x->row.destination, err);
    unlink(path);
    return ok;
}

static bool finish_write(struct db *db, void *context, struct error *err)
{
    return export_finish(db, context, err);
}

static void publish(const struct exporter *x)
{
    json_t *json;

    if (!x->service->publish)
        return;
    json = json_pack("{s:o, s:s}", "id", json_sprintf("exp_%lld", (long long)x->row.id), "state",
                     transfer_state_names[x->row.state]);
    x->service->publish(x->service->publish_context, x->row.job, "export", json);
    json_decref(json);
}

static void run_export(struct exporter *x, struct db *db)
{
    struct error err = {0}, why = {0};
    bool ok = take_snapshot(x, db, &err) && send(x, &err);

    if (!ok && scheduler_stopping(x->service->scheduler))
        return; /* begun anew at the next start */
    x->row.state = ok ? TRANSFER_DONE : TRANSFER_FAILED;
    x->row.message = ok ? NULL : err.message;
    if (!transfer_write(x->service, finish_write, &x->row, &why) && why.status == 404)
        files_forget_export(x->service, &x->row); /* its job was deleted meanwhile */
    else if (why.status)
        log_error("export=%lld cannot be finished: %s", (long long)x->row.id, why.message);
    else
        log_info("export=%lld job=%lld %s", (long long)x->row.id, (long long)x->row.job,
                 ok ? "done" : err.message);
    publish(x);
}

bool transfer_export_next(struct service *s, void *own)
{
    static log_gate gate;
    struct error err = {0};
    struct exporter x = {.service = s};
    struct db *db = db_pool_take(s->pool, &err);
    int64_t id = 0;
    bool found = false;

    (void)own;
    arena_init(&x.arena);
    if (db && export_running(db, &id, &err) && id > 0)
        found = export_get(db, id, &x.arena, &x.row, &err);
    if (found)
        run_export(&x, db);
    arena_release(&x.arena);
    db_pool_give(s->pool, db);
    if (err.status && log_gate_opens(&gate))
        log_warn("export: %s", err.message);
    return found;
}
