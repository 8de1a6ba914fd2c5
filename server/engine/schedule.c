/* schedule.c - the schedule of backups and its memory. */
#include "schedule.h"

#include "folders.h"
#include "plumbline/base/clock.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After a failure it is tried again soon: a disk may have been away for a moment. */
static const int64_t RETRY_US = 900 * SECOND_US;

int64_t schedule_next(const struct backup_schedule *s, int64_t now)
{
    int64_t every = (int64_t)(s->every_hours * 3600 * SECOND_US),
            retry = every < RETRY_US ? every : RETRY_US,
            next = s->last_success && s->last_success <= now ? s->last_success + every : now;

    if (s->last_failure > s->last_success && s->last_failure <= now &&
        next < s->last_failure + retry)
        next = s->last_failure + retry;
    return next;
}

static void path_of(const char *data_dir, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/backups/schedule.json", data_dir);
}

bool schedule_save(const char *data_dir, const struct backup_schedule *s, json_t *files,
                   struct error *err)
{
    json_t *json = json_pack("{s:s, s:f, s:I, s:I, s:s, s:I, s:s, s:I, s:O}", "to",
                             s->to ? s->to : "",
                             "every_hours", s->every_hours, "keep", (json_int_t)s->keep,
                             "last_success", (json_int_t)s->last_success, "last_file",
                             s->last_file, "last_failure", (json_int_t)s->last_failure, "failure",
                             s->failure, "last_elsewhere",
                             (json_int_t)s->last_elsewhere, "files", files);
    char path[PATH_MAX], *text = json_dumps(json, JSON_INDENT(1));
    bool ok;

    path_of(data_dir, path);
    ok = text ? file_replace(path, text, strlen(text), err)
              : error_internal(err, "The state of the backup schedule cannot be written.");
    free(text);
    json_decref(json);
    return ok;
}

static void take_text(json_t *json, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));

    snprintf(out, size, "%s", text ? text : "");
}

void backups_remembered(const char *data_dir, struct backup_schedule *out)
{
    char path[PATH_MAX];
    json_t *json;

    *out = (struct backup_schedule){0};
    path_of(data_dir, path);
    json = json_load_file(path, 0, NULL);
    out->last_success = json_integer_value(json_object_get(json, "last_success"));
    out->last_failure = json_integer_value(json_object_get(json, "last_failure"));
    out->last_elsewhere = json_integer_value(json_object_get(json, "last_elsewhere"));
    out->every_hours = json_number_value(json_object_get(json, "every_hours"));
    out->keep = json_integer_value(json_object_get(json, "keep"));
    take_text(json, "last_file", out->last_file, sizeof out->last_file);
    take_text(json, "failure", out->failure, sizeof out->failure);
    json_decref(json);
}

json_t *schedule_files(const char *data_dir)
{
    json_t *json, *files = json_array(), *one;
    const char *last;
    char path[PATH_MAX];
    size_t i;

    path_of(data_dir, path);
    json = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(json, "files"), i, one)
        if (json_is_string(one))
            json_array_append(files, one);
    last = json_string_value(json_object_get(json, "last_file"));
    if (json_array_size(files) == 0 && last && *last) /* a file from before the names were kept */
        json_array_append_new(files, json_string(last));
    json_decref(json);
    return files;
}
