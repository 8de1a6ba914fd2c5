/* round_files.c - model, figures and threshold of each round, as files. */
#include "round_files.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *kept(struct arena *a, json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    const char *copy = arena_strdup(a, text ? text : "{}");

    free(text);
    json_decref(json);
    return copy;
}

static const char *metrics_json(struct arena *a, const struct round_row *r)
{
    return kept(a, json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:s, s:s}", "round",
                             (json_int_t)r->number, "human", (json_int_t)r->human, "automatic",
                             (json_int_t)r->automatic, "rest", (json_int_t)r->rest, "estimate",
                             r->estimate, "low", r->low, "high", r->high, "target", r->target,
                             "decision", r->decision, "sentence", r->sentence));
}

/* How sure the machine must be of an item, and what that was found with. */
static const char *threshold_json(struct arena *a, const struct round_row *r)
{
    static const char *const members[] = {"threshold", "over_threshold", "validation_accuracy",
                                          "random", "needed", "temperature"};
    json_t *report = json_loads(r->report, 0, NULL);
    json_t *out = json_pack("{s:I, s:f, s:f, s:f, s:f}", "round", (json_int_t)r->number, "target",
                            r->target, "estimate", r->estimate, "low", r->low, "high", r->high);

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *value = json_object_get(report, members[i]);

        if (value)
            json_object_set(out, members[i], value);
    }
    json_decref(report);
    return kept(a, out);
}

bool round_files_next(struct round_files *f, struct db *db, struct arena *a,
                      struct export_file *out, bool *end, struct error *err)
{
    static const char *const names[] = {"training/iteration-%lld/model.bin",
                                        "training/iteration-%lld/metrics.json",
                                        "activelearning/iteration-%lld/threshold.json"};
    enum { MODEL, METRICS, THRESHOLD, FILES };
    const struct round_row *r;
    int file;

    if (f->at < f->n && f->file == MODEL && !f->v[f->at].model)
        f->file++;
    *end = f->at >= f->n;
    if (*end)
        return true;
    r = &f->v[f->at];
    file = f->file;
    f->file = (f->file + 1) % FILES;
    f->at += f->file == 0;
    out->path = arena_printf(a, names[file], (long long)r->number);
    out->modified_us = r->created;
    if (file == MODEL)
        return model_bytes(db, r->model, a, &out->bytes, &out->size, err);
    out->bytes = file == METRICS ? metrics_json(a, r) : threshold_json(a, r);
    out->size = strlen(out->bytes);
    return true;
}

int64_t round_iteration(const struct round_row *v, int n, int64_t us)
{
    int64_t iteration = 1;

    for (int i = 0; i < n; i++)
        iteration += v[i].created <= us;
    return iteration;
}
