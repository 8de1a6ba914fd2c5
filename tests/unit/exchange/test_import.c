/* test_import.c - the manifest reader on tests/import/<case>/input* with its expected.json.
 *
 * expected.json: {"options":{...}?, "items":[{"line", "text"|"ref", "key"?, "raw"?, "file_line"?}],
 * "bad":[{"line","code","message","key"?,"raw"?,"file_line"?}], "blank":n} or {"error":{...}}. Each
 * case is read from its path, and again pushed one byte at a time and in sevens: the pieces must
 * not matter.
 */
#include "../check.h"

#include "plumbline/base/buf.h"
#include "plumbline/exchange/manifest.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

struct got {
    json_t *items, *bad;
};

static bool on_item(void *ctx, const struct manifest_item *item, struct error *err)
{
    struct got *got = ctx;
    json_t *o =
        json_pack("{s:I, s:I, s:s, s:s#}", "line", (json_int_t)item->line, "file_line",
                  (json_int_t)item->file_line, "key", item->key, "raw", item->raw, item->raw_size);

    (void)err;
    if (item->text)
        json_object_set_new(o, "text", json_stringn(item->text, item->text_size));
    if (item->ref)
        json_object_set_new(o, "ref", json_string(item->ref));
    json_array_append_new(got->items, o);
    return true;
}

static bool on_bad(void *ctx, const struct manifest_bad *bad, struct error *err)
{
    struct got *got = ctx;

    (void)err;
    json_array_append_new(
        got->bad, json_pack("{s:I, s:I, s:s, s:s, s:s, s:s#}", "line", (json_int_t)bad->line,
                            "file_line", (json_int_t)bad->file_line, "key", bad->key, "code",
                            bad->code, "message", bad->message, "raw", bad->raw, bad->raw_size));
    return true;
}

/* Each wanted member is there and equal; text and ref are also absent where they are not wanted. */
static bool matches(json_t *got, json_t *want)
{
    const char *key;
    json_t *value;

    json_object_foreach(want, key,
                        value) if (!json_equal(value, json_object_get(got, key))) return false;
    return (!json_object_get(got, "text") || json_object_get(want, "text")) &&
           (!json_object_get(got, "ref") || json_object_get(want, "ref"));
}

static bool list_matches(const char *name, const char *list, json_t *got, json_t *want)
{
    size_t n = json_array_size(want);
    bool ok = json_array_size(got) == n;

    for (size_t i = 0; ok && i < n; i++)
        ok = matches(json_array_get(got, i), json_array_get(want, i));
    if (!ok) {
        char *text = json_dumps(got, JSON_INDENT(1));

        printf("# %s: %s are\n# %s\n", name, list, text);
        free(text);
    }
    return ok;
}

static void read_options(json_t *want, struct manifest_options *options)
{
    json_t *o = json_object_get(want, "options");
    const char *media = json_string_value(json_object_get(o, "media"));

    if (media)
        options->media = strcmp(media, "image") == 0 ? TASK_IMAGE : TASK_TEXT;
    options->line_max = (size_t)json_integer_value(json_object_get(o, "line_max"));
    options->text_max = (size_t)json_integer_value(json_object_get(o, "text_max"));
}

/* piece 0: by path */
static bool read_case(const char *path, size_t piece, const struct manifest_options *options,
                      const struct manifest_sink *sink, struct manifest_summary *summary,
                      struct error *err)
{
    struct manifest_reader *r;
    FILE *in;
    char bytes[8];
    size_t n;
    bool ok = true;

    if (piece == 0)
        return manifest_read_path(path, options, sink, summary, err);
    in = fopen(path, "rb");
    r = manifest_reader_new(path, options, sink);
    while (ok && (n = fread(bytes, 1, piece, in)) > 0)
        ok = manifest_reader_feed(r, bytes, n, err);
    ok = ok && manifest_reader_end(r, summary, err);
    manifest_reader_free(r);
    fclose(in);
    return ok;
}

static bool error_matches(const struct error *err, json_t *want)
{
    bool ok = strcmp(err->code, json_string_value(json_object_get(want, "code"))) == 0 &&
              strcmp(err->field, json_string_value(json_object_get(want, "field"))) == 0 &&
              strcmp(err->message, json_string_value(json_object_get(want, "message"))) == 0;

    if (!ok)
        printf("# got %s, %s: %s\n", err->code, err->field, err->message);
    return ok;
}

static bool run(const char *name, const char *path, json_t *want, size_t piece)
{
    struct got got = {json_array(), json_array()};
    struct manifest_sink sink = {&got, on_item, on_bad};
    struct manifest_options options = {0};
    struct manifest_summary summary = {0};
    struct error err = {0};
    json_t *error = json_object_get(want, "error");
    bool ok;

    read_options(want, &options);
    ok = read_case(path, piece, &options, &sink, &summary, &err);
    if (error) {
        ok = !ok && error_matches(&err, error);
    } else {
        if (!ok)
            printf("# %s: %s\n", err.code, err.message);
        ok = list_matches(name, "items", got.items, json_object_get(want, "items")) && ok;
        ok = list_matches(name, "bad lines", got.bad, json_object_get(want, "bad")) && ok;
        ok = ok && summary.blank == json_integer_value(json_object_get(want, "blank")) &&
             summary.items == (int64_t)json_array_size(got.items) &&
             summary.bad == (int64_t)json_array_size(got.bad);
    }
    json_decref(got.items);
    json_decref(got.bad);
    return ok;
}

static void one(const char *name)
{
    static const char *const inputs[] = {"input.jsonl", "input.csv", "input.json", "input"};
    static const size_t pieces[] = {0, 1, 7};
    char path[512];
    json_t *want;

    snprintf(path, sizeof path, "tests/import/%s/expected.json", name);
    want = json_load_file(path, 0, NULL);
    for (size_t i = 0; i < COUNT(inputs); i++) {
        snprintf(path, sizeof path, "tests/import/%s/%s", name, inputs[i]);
        if (access(path, R_OK) == 0)
            break;
    }
    for (size_t i = 0; i < COUNT(pieces); i++) {
        char title[300];

        snprintf(title, sizeof title, "%s, %s %zu", name, pieces[i] ? "pieces of" : "by path",
                 pieces[i]);
        CHECK(title, want && run(name, path, want, pieces[i]));
    }
    json_decref(want);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(void)
{
    struct dirent **names;
    int n = scandir("tests/import", &names, visible, alphasort);

    CHECK("there are cases", n > 20);
    for (int i = 0; i < n; i++) {
        one(names[i]->d_name);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return check_done();
}
