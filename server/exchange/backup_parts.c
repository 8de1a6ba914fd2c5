/* backup_parts.c - what stands in contents.json and end.json, and what an entry may be called. */
#include "backup_parts.h"

#include <string.h>

#define CONTENTS(field_kind, member, ...)                                                          \
    {                                                                                              \
        .name = #member, .kind = field_kind,                                                       \
        .at = offsetof(struct backup_contents_json, of.member), .required = true, __VA_ARGS__      \
    }

/* Larger than anything that can be there; keeps sums of sizes far from overflow. */
#define COUNT_MAX 9e15

const struct field backup_contents_fields[] = {
    {.name = "format", .kind = FIELD_TEXT, .at = offsetof(struct backup_contents_json, format),
     .required = true, .max = 64},
    {.name = "format_version", .kind = FIELD_INT,
     .at = offsetof(struct backup_contents_json, format_version), .required = true, .min = 1,
     .max = 1000000},
    CONTENTS(FIELD_TEXT, version, .max = 64),
    CONTENTS(FIELD_INT, schema, .min = 1, .max = 1000000),
    CONTENTS(FIELD_INT, created, .min = 0, .max = COUNT_MAX, .help = "UTC microseconds since 1970"),
    CONTENTS(FIELD_INT, database_bytes, .min = 0, .max = COUNT_MAX),
    CONTENTS(FIELD_TEXT, database_sha256, .min = 64, .max = 64),
    CONTENTS(FIELD_INT, people, .min = 0, .max = COUNT_MAX),
    CONTENTS(FIELD_INT, jobs, .min = 0, .max = COUNT_MAX),
    CONTENTS(FIELD_INT, items, .min = 0, .max = COUNT_MAX),
    CONTENTS(FIELD_INT, answers, .min = 0, .max = COUNT_MAX),
    CONTENTS(FIELD_INT, labels, .min = 0, .max = COUNT_MAX),
    CONTENTS(FIELD_BOOL, secrets),
    CONTENTS(FIELD_BOOL, blobs),
    FIELD_END};

const struct field backup_end_fields[] = {
    {.name = "blobs", .kind = FIELD_INT, .at = offsetof(struct backup_totals, blobs),
     .required = true, .min = 0, .max = COUNT_MAX},
    {.name = "blob_bytes", .kind = FIELD_INT, .at = offsetof(struct backup_totals, blob_bytes),
     .required = true, .min = 0, .max = COUNT_MAX},
    FIELD_END};

static bool damaged(const char *name, const struct error *why, struct error *err)
{
    return error_set(err, 422, "backup.damaged", "", "%s of the backup cannot be read: %.300s", name,
                     why->message);
}

bool backup_parse_contents(const char *text, size_t size, struct arena *a,
                           struct backup_contents *out, struct error *err)
{
    struct backup_contents_json json = {0};
    struct error why = {0};
    json_t *root = json_parse(text, size, &why), *version = json_object_get(root, "format_version");
    bool ok = false;

    /* Before the table, which would complain of fields that only a newer program knows. */
    if (root && json_is_integer(version) && json_integer_value(version) > BACKUP_FORMAT_VERSION) {
        error_conflict(err, "storage.newer", "The backup was made by a newer Plumbline (format %lld, "
                       "this program knows %d). Use that program.",
                       (long long)json_integer_value(version), BACKUP_FORMAT_VERSION);
        goto out;
    }
    if (!root || !fields_read(backup_contents_fields, root, &json, a, &why)) {
        damaged("contents.json", &why, err);
        goto out;
    }
    if (strcmp(json.format, BACKUP_FORMAT) != 0) {
        error_set(err, 422, "backup.damaged", "", "It is a \"%s\", not a backup of Plumbline.",
                  json.format);
        goto out;
    }
    *out = json.of;
    out->version = arena_strdup(a, json.of.version);
    out->database_sha256 = arena_strdup(a, json.of.database_sha256);
    ok = true;
out:
    json_decref(root);
    return ok;
}

bool backup_parse_end(const char *text, size_t size, struct backup_totals *out, struct error *err)
{
    struct error why = {0};
    struct arena a;
    json_t *root = json_parse(text, size, &why);
    bool ok;

    arena_init(&a);
    ok = root && fields_read(backup_end_fields, root, out, &a, &why);
    arena_release(&a);
    json_decref(root);
    return ok || damaged("end.json", &why, err);
}

bool backup_is_blob(const char *name)
{
    const char *digits;

    if (strlen(name) != strlen("blobs/ab/") + 64 || strncmp(name, "blobs/", 6) != 0)
        return false;
    digits = name + strlen("blobs/ab/");
    return strspn(digits, "0123456789abcdef") == 64 && name[6] == digits[0] &&
           name[7] == digits[1] && name[8] == '/';
}
