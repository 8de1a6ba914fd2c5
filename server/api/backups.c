/* backups.c - backups of the whole service, for its admins. */
#include "plumbline/engine/backups.h"

#include "context.h"

#include <stdio.h>
#include <string.h>

struct backup_view {
    const char *id, *message, *url;
    int         state, kind;
    int64_t     created, finished, bytes;
    bool        verified;
};

#define BACKUP(field_kind, member, ...)                                                            \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct backup_view, member),           \
        __VA_ARGS__                                                                                \
    }

static const struct field backup_fields[] = {
    BACKUP(FIELD_TEXT, id, .required = true, .help = "The name of its file"),
    BACKUP(FIELD_ENUM, state, .choices = backup_state_names, .required = true),
    BACKUP(FIELD_ENUM, kind, .choices = backup_kind_names, .required = true,
           .help = "manual and scheduled ones hold database and pictures; migration: the database "
                   "alone, as it was before its schema changed; stream: went to the command line"),
    BACKUP(FIELD_TIME, created, .required = true),
    BACKUP(FIELD_TIME, finished),
    BACKUP(FIELD_INT, bytes, .required = true, .help = "Of the file; so far while it runs"),
    BACKUP(FIELD_BOOL, verified, .required = true,
           .help = "It was read back whole after it was written"),
    BACKUP(FIELD_TEXT, url, .help = "Where to fetch it"),
    BACKUP(FIELD_TEXT, message, .help = "Why it failed"),
    FIELD_END};

static struct backup_view backup_view(struct http_request *rq, const struct backup_row *row)
{
    bool there = row->state == BACKUP_DONE && row->kind != BACKUP_STREAM;

    return (struct backup_view){
        .id = arena_strdup(&rq->arena, row->id),
        .message = row->message[0] ? arena_strdup(&rq->arena, row->message) : NULL,
        .url = there ? arena_printf(&rq->arena, "/api/v1/backups/%s/download", row->id) : NULL,
        .state = row->state,
        .kind = row->kind,
        .created = row->created,
        .finished = row->finished,
        .bytes = row->bytes,
        .verified = row->verified};
}

struct schedule_view {
    const char *to, *last_file, *failure;
    double      every_hours;
    int64_t     keep, next, last_success, last_failure;
    bool        failing;
};

#define SCHEDULE(field_kind, member, ...)                                                          \
    {                                                                                              \
        .name = #member, .kind = field_kind, .at = offsetof(struct schedule_view, member),         \
        __VA_ARGS__                                                                                \
    }

static const struct field schedule_fields[] = {
    SCHEDULE(FIELD_TEXT, to, .help = "The folder; not there: no schedule"),
    SCHEDULE(FIELD_REAL, every_hours, .required = true),
    SCHEDULE(FIELD_INT, keep, .required = true, .help = "As many of the newest stay"),
    SCHEDULE(FIELD_TIME, next),
    SCHEDULE(FIELD_TIME, last_success),
    SCHEDULE(FIELD_TEXT, last_file),
    SCHEDULE(FIELD_BOOL, failing, .required = true, .help = "The newest try failed"),
    SCHEDULE(FIELD_TIME, last_failure),
    SCHEDULE(FIELD_TEXT, failure, .help = "Why, in words"),
    FIELD_END};

struct backups_view {
    struct objects       backups;
    struct schedule_view schedule;
};

static const struct field backups_fields[] = {
    {.name = "backups", .kind = FIELD_OBJECTS, .at = offsetof(struct backups_view, backups),
     .fields = backup_fields, .size = sizeof(struct backup_view), .schema = "Backup",
     .required = true},
    {.name = "schedule", .kind = FIELD_OBJECT, .at = offsetof(struct backups_view, schedule),
     .fields = schedule_fields, .schema = "BackupSchedule", .required = true},
    FIELD_END};

struct backup_body {
    int         compression;
    bool        db_only, secrets;
    const char *pipe;
};

static const struct field backup_body_fields[] = {
    {.name = "compression", .kind = FIELD_ENUM, .at = offsetof(struct backup_body, compression),
     .choices = backup_compressions, .help = "none unless told"},
    {.name = "db_only", .kind = FIELD_BOOL, .at = offsetof(struct backup_body, db_only),
     .help = "The database without the pictures"},
    {.name = "secrets", .kind = FIELD_BOOL, .at = offsetof(struct backup_body, secrets),
     .help = "With secret.key; over the Unix socket only"},
    {.name = "pipe", .kind = FIELD_TEXT, .at = offsetof(struct backup_body, pipe), .max = 60,
     .help = "Into this FIFO of DIR/backups instead of a file; over the Unix socket only"},
    FIELD_END};

/* The caller made it a moment ago, under the one kind of name that such a pipe has. */
static bool pipe_is_good(const char *pipe)
{
    static const char prefix[] = ".plumbline-pipe-";
    size_t n = sizeof prefix - 1;

    return strncmp(pipe, prefix, n) == 0 && pipe[n] &&
           strspn(pipe + n, "0123456789") == strlen(pipe + n);
}

static bool check_body(const struct http_request *rq, const struct backup_body *in,
                       struct error *err)
{
    if (!rq->local && (in->pipe || in->secrets))
        return error_set(err, 403, "backup.local_only", in->pipe ? "pipe" : "secrets",
                         "Only the command line on the server itself may ask for that: `plumbline "
                         "backup --with-secrets FILE`.");
    return !in->pipe || pipe_is_good(in->pipe) ||
           error_invalid(err, "pipe", "\"pipe\" is not the name of a pipe of the command line.");
}

static bool show(struct http_request *rq, const char *id, struct error *err)
{
    struct backup_row row;
    struct backup_view v;

    if (!backups_get(service_of(rq), id, &row, err))
        return false;
    v = backup_view(rq, &row);
    return http_reply_fields(rq, &v);
}

static bool post_backup(struct http_request *rq, struct error *err)
{
    const struct backup_body *in = rq->in;
    const struct backup_wish wish = {.compression = in->compression,
                                     .db_only = in->db_only,
                                     .secrets = in->secrets};
    char id[BACKUP_ID_SIZE];

    if (!check_body(rq, in, err) || !backups_ask(service_of(rq), &wish, in->pipe, id, err))
        return false;
    http_add_header(rq, "Location", arena_printf(&rq->arena, "/api/v1/backups/%s", id));
    return show(rq, id, err);
}

static const char *text_or_null(struct arena *a, const char *text)
{
    return text && *text ? arena_strdup(a, text) : NULL;
}

static bool get_backups(struct http_request *rq, struct error *err)
{
    struct backup_schedule set;
    struct backups_view out;
    struct backup_view *v;
    struct backup_row *rows;
    int count;

    (void)err;
    backups_list(service_of(rq), &rq->arena, &rows, &count);
    backups_schedule(service_of(rq), &set);
    v = arena_array(&rq->arena, (size_t)count, sizeof *v);
    for (int i = 0; i < count; i++)
        v[i] = backup_view(rq, &rows[i]);
    out.backups = (struct objects){v, (size_t)count};
    out.schedule = (struct schedule_view){.to = set.to,
                                          .last_file = text_or_null(&rq->arena, set.last_file),
                                          .failure = text_or_null(&rq->arena, set.failure),
                                          .every_hours = set.every_hours,
                                          .keep = set.keep,
                                          .next = set.next,
                                          .last_success = set.last_success,
                                          .last_failure = set.last_failure,
                                          .failing = set.last_failure > set.last_success};
    return http_reply_fields(rq, &out);
}

static bool get_backup(struct http_request *rq, struct error *err)
{
    return show(rq, rq->param[0], err);
}

static bool get_download(struct http_request *rq, struct error *err)
{
    struct backup_row row;
    const char *etag;
    int fd;

    if (!backups_fd(service_of(rq), rq->param[0], &fd, err) ||
        !backups_get(service_of(rq), rq->param[0], &row, err))
        return false;
    etag = arena_printf(&rq->arena, "%s-%lld", row.id, (long long)row.bytes);
    return http_reply_file(rq, fd, "application/octet-stream", etag,
                           arena_strdup(&rq->arena, row.id), false);
}

static bool remove_it(struct http_request *rq, void *context, struct error *err)
{
    (void)context;
    return backups_delete(service_of(rq), rq->param[0], err);
}

static bool delete_backup(struct http_request *rq, struct error *err)
{
    (void)err;
    return http_offload(rq, api_of(rq)->care, remove_it, NULL, api_empty);
}

const struct route backup_routes[] = {
    {.method = HTTP_POST, .path = "/api/v1/backups", .who = WHO_ADMIN, .run = post_backup,
     .takes = HTTP_BODY_JSON, .body = backup_body_fields, .in_size = sizeof(struct backup_body),
     .status = 202, .reply = backup_fields, .reply_name = "Backup",
     .errors = "403 backup.local_only, 429 backup.busy", .tag = "Care",
     .summary = "Make a backup now, while the service goes on"},
    {.method = HTTP_GET, .path = "/api/v1/backups", .who = WHO_ADMIN, .run = get_backups,
     .status = 200, .reply = backups_fields, .reply_name = "BackupList", .tag = "Care",
     .summary = "Backups, newest first, and how the schedule is doing"},
    {.method = HTTP_GET, .path = "/api/v1/backups/{backup}", .who = WHO_ADMIN, .run = get_backup,
     .status = 200, .reply = backup_fields, .reply_name = "Backup",
     .errors = "404 backup.not_found", .tag = "Care", .summary = "How a backup is going"},
    {.method = HTTP_GET, .path = "/api/v1/backups/{backup}/download", .who = WHO_ADMIN,
     .run = get_download, .status = 200, .reply_type = "application/octet-stream",
     .errors = "206 part of it, 304 not modified, 404 backup.not_found, 409 backup.not_done, "
               "416 range.unsatisfiable", .tag = "Care",
     .summary = "The backup's bytes; ranges and ETag work"},
    {.method = HTTP_DELETE, .path = "/api/v1/backups/{backup}", .who = WHO_ADMIN,
     .run = delete_backup, .status = 204,
     .errors = "404 backup.not_found, 409 backup.not_done", .tag = "Care",
     .summary = "Remove a backup"},
    {0}};
