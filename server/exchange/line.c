/* line.c - is a line an item? Checks one object and hands it to the sink, or reports what is wrong.
 *
 * Each check reports at most one fault a line: the first one found, in the order bytes, JSON,
 * attribute names, source, text or path, id.
 */
#include "reader.h"

#include "plumbline/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* The source of a line as it is being found. */
struct found {
    json_t     *text, *ref;
    const char *text_name, *ref_name; /* the attribute it was found under */
    struct buf  loaded;               /* text read from the file behind ref */
};

/* Bytes of the file that are behind us; for a gzipped one as far as it is unpacked. */
static int64_t consumed(const struct manifest_reader *r)
{
    return r->packed < 0 ? r->consumed : r->packed;
}

bool reader_bad_hash(struct manifest_reader *r, uint64_t hash, const char *raw, size_t size,
                     const char *code, const char *message, struct error *err)
{
    char key[MANIFEST_KEY_SIZE], line[32];
    struct manifest_bad bad = {.line = r->line, .file_line = r->file_line,
                               .consumed = consumed(r), .key = key, .code = code,
                               .message = message, .raw = raw, .raw_size = size};

    manifest_key(NULL, hash, line_keys_add(&r->keys, hash), key);
    r->summary.bad++;
    if (r->sink->bad)
        return r->sink->bad(r->sink->ctx, &bad, err);
    snprintf(line, sizeof line, "line %lld", (long long)r->file_line);
    return error_set(err, 422, code, line, "Line %lld: %s", (long long)r->file_line, message);
}

bool reader_bad(struct manifest_reader *r, const char *raw, size_t size, bool is_object,
                const char *code, struct error *err, const char *format, ...)
{
    char message[400];
    va_list args;
    size_t used, valid;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    used = strlen(message); /* quoted input may be cut inside a character */
    while ((valid = utf8_valid_prefix(message, used)) < used)
        message[valid] = '?';
    return reader_bad_hash(r, manifest_line_hash(raw, size), is_object ? raw : "",
                           is_object ? size : 0, code, message, err);
}

bool reader_bytes_ok(struct manifest_reader *r, const char *raw, size_t size, bool *good,
                     struct error *err)
{
    const char *nul = memchr(raw, '\0', size);
    size_t valid = utf8_valid_prefix(raw, size);

    *good = valid == size && !nul;
    if (*good)
        return true;
    if (nul && (size_t)(nul - raw) < valid)
        return reader_bad(r, raw, size, false, "line.not_utf8", err,
                          "The line has a NUL byte at byte offset %zu.", (size_t)(nul - raw));
    return reader_bad(r, raw, size, false, "line.not_utf8", err,
                      "The line is not UTF-8: byte 0x%02X at byte offset %zu.",
                      (unsigned char)raw[valid], valid);
}

bool reader_json_line(struct manifest_reader *r, const char *raw, size_t size, struct error *err)
{
    json_error_t e;
    json_t *object;
    bool good, ok;

    if (!reader_bytes_ok(r, raw, size, &good, err))
        return false;
    if (!good)
        return true;
    object = json_loadb(raw, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!object)
        return reader_bad(r, raw, size, false, "line.not_json", err,
                          "The line is not JSON: %s (column %d).",
                          json_error_code(&e) == json_error_null_character
                              ? "\\u0000 cannot be part of a text"
                              : e.text,
                          e.column);
    if (json_is_object(object))
        ok = reader_item(r, raw, size, object, err);
    else
        ok = reader_bad(r, raw, size, false, "line.not_json", err,
                        "The line is JSON, but not an object: it must look like "
                        "{\"source\":\"...\"} or {\"source-ref\":\"...\"}.");
    json_decref(object);
    return ok;
}

static json_t *attribute(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

/* source and source-ref where one of them is there; else the aliases that suit the job. */
static void find_source(enum task_media media, json_t *object, struct found *f)
{
    f->text = attribute(object, f->text_name = "source");
    f->ref = attribute(object, f->ref_name = "source-ref");
    if (f->text || f->ref)
        return;
    if (media != TASK_IMAGE)
        f->text = attribute(object, f->text_name = "text");
    if (f->text && media == TASK_TEXT)
        return;
    f->ref = attribute(object, f->ref_name = "image");
    if (!f->ref)
        f->ref = attribute(object, f->ref_name = "file");
}

bool manifest_ref_is_uri(const char *ref)
{
    size_t n = strspn(ref, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    return n > 0 && strncmp(ref + n, "://", 3) == 0;
}

/* Where the path, read as text, leads: what is wrong with it, or NULL. */
static const char *path_fault(const char *path)
{
    int depth = 0;

    while (*path) {
        size_t n = strcspn(path, "/");

        if (n == 2 && strncmp(path, "..", 2) == 0)
            depth--;
        else if (n > 0 && !(n == 1 && *path == '.'))
            depth++;
        if (depth < 0)
            return "leads out of the manifest's folder";
        path += n + (path[n] == '/');
    }
    return depth == 0 ? "names a folder, not a file" : NULL;
}

/* What is wrong with a path or URI, or NULL. */
static const char *ref_fault(const struct manifest_reader *r, const char *ref)
{
    size_t n = r->real_base ? strlen(r->real_base) : 0;

    if (!*ref)
        return "is empty";
    if (manifest_ref_is_uri(ref))
        return strncasecmp(ref, "s3://", 5) == 0 || strncasecmp(ref, "http://", 7) == 0 ||
                       strncasecmp(ref, "https://", 8) == 0
                   ? NULL
                   : "has a scheme other than s3, http and https";
    if (strlen(ref) >= PATH_MAX)
        return "is longer than a path may be";
    if (ref[0] != '/')
        return path_fault(ref);
    if (n > 0 && strncmp(ref, r->real_base, n) == 0 && (ref[n] == '/' || n == 1))
        return path_fault(ref + n);
    return "is an absolute path outside the manifest's folder";
}

static bool only_white(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != ' ' && (text[i] < '\t' || text[i] > '\r'))
            return false;
    return true;
}

bool manifest_text_check(const char *ref, char *text, size_t *size, size_t limit,
                         struct error *err)
{
    if (*size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        *size -= 3;
        memmove(text, text + 3, *size + 1);
    }
    if (*size > limit)
        return error_set(err, 422, "line.text_too_long", ref, "The text has more than %zu bytes; at "
                         "most %zu are allowed.", limit, limit);
    if (!utf8_is_valid(text, *size))
        return error_set(err, 422, "line.not_utf8", ref,
                         "The file %.200s is not UTF-8 (byte offset %zu).", ref,
                         utf8_valid_prefix(text, *size));
    return !only_white(text, *size) ||
           error_set(err, 422, "line.text_empty", ref, "The text is empty.");
}

/* Reads the file behind ref; a fault is left in *fault. At most one byte more than the limit. */
static bool load_text(const struct manifest_reader *r, const char *ref, struct buf *out,
                      struct error *fault)
{
    char bytes[16384];
    ssize_t n;
    int fd;

    if (!manifest_open(r->base, ref, &fd, fault))
        return false;
    buf_init(out, r->options.text_max + sizeof bytes);
    do {
        n = read(fd, bytes, sizeof bytes);
        if (n > 0)
            buf_add(out, bytes, (size_t)n);
    } while ((n > 0 && out->size <= r->options.text_max) || (n < 0 && errno == EINTR));
    close(fd);
    if (n < 0)
        return error_set(fault, 422, "line.file", ref, "The file %.200s cannot be read.", ref);
    buf_puts(out, ""); /* an empty file's text is one all the same */
    return manifest_text_check(ref, out->data, &out->size, r->options.text_max, fault);
}

struct fault {
    const char *code;
    char        message[400];
};

static bool fault_set(struct fault *f, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fault_set(struct fault *f, const char *code, const char *format, ...)
{
    va_list args;

    f->code = code;
    va_start(args, format);
    vsnprintf(f->message, sizeof f->message, format, args);
    va_end(args);
    return false;
}

static const char *fault_code(const char *code)
{
    static const char *const known[] = {"line.path", "line.not_utf8", "line.text_empty",
                                        "line.text_too_long"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(code, known[i]) == 0)
            return known[i];
    return "line.file";
}

static bool check_names(json_t *object, struct fault *fault)
{
    const char *name;
    json_t *value;

    json_object_foreach (object, name, value)
        if (name[0] == '$')
            return fault_set(fault, "line.attribute",
                             "The attribute name \"%.100s\" begins with $, which is not allowed.",
                             name);
    return true;
}

static bool check_source(const struct manifest_reader *r, const struct found *f,
                         struct fault *fault)
{
    if (f->text && f->ref)
        return fault_set(fault, "line.source_twice",
                         "The line has both \"%s\" and \"%s\"; it must have one of them.",
                         f->text_name, f->ref_name);
    if (!f->text && !f->ref)
        return fault_set(fault, "line.source_missing",
                         "The line has neither \"source\" nor \"source-ref\".");
    if (!json_is_string(f->text ? f->text : f->ref))
        return fault_set(fault, "line.source_missing", "\"%s\" must be a text.",
                         f->text ? f->text_name : f->ref_name);
    if (f->text && r->options.media == TASK_IMAGE)
        return fault_set(fault, "line.source_media",
                         "The line has \"source\"; an image job needs \"source-ref\".");
    return true;
}

static bool check_text(const struct manifest_reader *r, struct manifest_item *item,
                       struct fault *fault)
{
    if (item->text_size > r->options.text_max)
        return fault_set(fault, "line.text_too_long",
                         "The text has %s%zu bytes; at most %zu are allowed.",
                         item->ref ? "more than " : "",
                         item->ref ? r->options.text_max : item->text_size, r->options.text_max);
    if (only_white(item->text, item->text_size))
        return fault_set(fault, "line.text_empty", "The text is empty.");
    return true;
}

static bool check_ref(const struct manifest_reader *r, struct found *f, struct manifest_item *item,
                      struct fault *fault)
{
    const char *why = ref_fault(r, item->ref);
    struct error inner = {0};

    if (why)
        return fault_set(fault, "line.path", "\"%s\" %s: %.200s", f->ref_name, why, item->ref);
    if (!r->options.load_text || !r->base || r->options.media == TASK_IMAGE ||
        manifest_ref_is_uri(item->ref))
        return true;
    if (!load_text(r, item->ref, &f->loaded, &inner))
        return fault_set(fault, fault_code(inner.code), "%s", inner.message);
    item->text = f->loaded.data;
    item->text_size = f->loaded.size;
    return true;
}

/* The user's id as text in `out`, or "" when the line has none. */
static bool check_id(json_t *object, char out[MANIFEST_ID_MAX + 1], struct fault *fault)
{
    json_t *id = attribute(object, "id");
    const char *text = json_string_value(id);

    out[0] = '\0';
    if (!id)
        return true;
    if (json_is_integer(id)) {
        snprintf(out, MANIFEST_ID_MAX + 1, "%lld", (long long)json_integer_value(id));
        return true;
    }
    if (!text || !*text || json_string_length(id) > MANIFEST_ID_MAX)
        return fault_set(fault, "line.id",
                         "\"id\" must be a whole number or a text of 1 to %d bytes.",
                         MANIFEST_ID_MAX);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20)
            return fault_set(fault, "line.id", "\"id\" has a control character.");
    memcpy(out, text, json_string_length(id) + 1);
    return true;
}

bool reader_item(struct manifest_reader *r, const char *raw, size_t size, json_t *object,
                 struct error *err)
{
    char id[MANIFEST_ID_MAX + 1], key[MANIFEST_KEY_SIZE];
    struct manifest_item item = {.line = r->line, .file_line = r->file_line,
                                 .consumed = consumed(r), .raw = raw, .raw_size = size,
                                 .key = key, .object = object};
    struct found f = {0};
    struct fault fault = {0};
    bool good, ok;

    find_source(r->options.media, object, &f);
    good = check_names(object, &fault) && check_source(r, &f, &fault);
    if (good && f.text) {
        item.text = json_string_value(f.text);
        item.text_size = json_string_length(f.text);
        good = check_text(r, &item, &fault);
    } else if (good) {
        item.ref = json_string_value(f.ref);
        good = check_ref(r, &f, &item, &fault);
    }
    if (!good || !check_id(object, id, &fault)) {
        ok = reader_bad(r, raw, size, true, fault.code, err, "%s", fault.message);
    } else {
        uint64_t hash = id[0] ? 0 : manifest_line_hash(raw, size);

        manifest_key(id[0] ? id : NULL, hash, id[0] ? 0 : line_keys_add(&r->keys, hash), key);
        r->summary.items++;
        ok = r->sink->item(r->sink->ctx, &item, err);
    }
    buf_release(&f.loaded);
    return ok;
}
