/* fuzz_backup.c - any bytes as a backup's archive, as its contents.json, and as a file's name. What is
 * handed on is a plain file of the layout, of the size that was told, in order. */
#include "../../server/engine/shelf.h"
#include "../../server/exchange/backup_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    int64_t left; /* of the entry that is being handed on; -1: none is */
    bool    contents;
};

static bool on_contents(void *context, const struct backup_contents *c, struct error *err)
{
    struct seen *s = context;

    (void)err;
    assert(!s->contents && strlen(c->database_sha256) == 64 && c->database_bytes >= 0);
    s->contents = true;
    return true;
}

static bool on_begin(void *context, const char *name, int64_t size, struct error *err)
{
    struct seen *s = context;

    (void)err;
    assert(s->contents && s->left == -1 && size >= 0 && !strstr(name, ".."));
    assert(strcmp(name, "plumbline.db") == 0 || strcmp(name, "secret.key") == 0 ||
           backup_is_blob(name));
    s->left = size;
    return true;
}

static bool on_data(void *context, const void *bytes, size_t size, struct error *err)
{
    struct seen *s = context;

    (void)bytes, (void)err;
    s->left -= (int64_t)size;
    assert(s->left >= 0);
    return true;
}

static bool on_end(void *context, struct error *err)
{
    struct seen *s = context;

    (void)err;
    assert(s->left == 0);
    s->left = -1;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {.left = -1};
    const struct backup_sink sink = {&seen, on_contents, on_begin, on_data, on_end};
    struct backup_contents contents;
    struct backup_totals totals;
    enum backup_kind kind;
    struct error err = {0};
    struct arena a;
    int64_t time;
    char *text = malloc(size + 1);

    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    arena_init(&a);
    if (!backup_read_bytes(data, size, &sink, &a, &contents, &totals, &err))
        assert(err.status == 422 || err.status == 409);
    if (backup_parse_contents(text, size, &a, &contents, &err))
        assert(contents.schema > 0);
    backup_parse_end(text, size, &totals, &err);
    shelf_parse(text, &kind, &time);
    arena_release(&a);
    free(text);
    return 0;
}
