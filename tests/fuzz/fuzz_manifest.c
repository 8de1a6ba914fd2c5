/* fuzz_manifest.c - any bytes as a manifest, JSON Lines or CSV, cut into pieces of any size. The
 * pieces must not change what is read, and every good line must splice and hold its promises. */
#include "../../server/exchange/splice.h"
#include "plumbline/base/utf8.h"
#include "plumbline/exchange/manifest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    int64_t last_line;
    uint64_t sum; /* of all that was handed over, in order */
};

static void add(struct seen *s, const char *bytes, size_t size)
{
    s->sum = s->sum * 31 + manifest_line_hash(bytes, size);
}

static bool on_item(void *ctx, const struct manifest_item *item, struct error *err)
{
    struct seen *s = ctx;
    struct buf cut;
    size_t members;

    (void)err;
    assert(item->line > s->last_line && json_is_object(item->object));
    assert((item->text != NULL) != (item->ref != NULL));
    assert(utf8_is_valid(item->raw, item->raw_size) && strlen(item->raw) == item->raw_size);
    s->last_line = item->line;
    add(s, item->key, strlen(item->key));
    add(s, item->raw, item->raw_size);
    buf_init(&cut, 1 << 20);
    if (!line_splice(item->raw, item->raw_size, "label", &cut, &members))
        abort(); /* the reader called it an object */
    buf_puts(&cut, "}");
    json_object_del(item->object, "label");
    json_object_del(item->object, "label-metadata");
    json_t *rest = json_loadb(cut.data, cut.size, 0, NULL);
    assert(json_equal(rest, item->object) && members == json_object_size(rest));
    json_decref(rest);
    buf_release(&cut);
    return true;
}

static bool on_bad(void *ctx, const struct manifest_bad *bad, struct error *err)
{
    struct seen *s = ctx;

    (void)err;
    assert(bad->line > s->last_line && utf8_is_valid(bad->message, strlen(bad->message)));
    s->last_line = bad->line;
    add(s, bad->key, strlen(bad->key));
    add(s, bad->message, strlen(bad->message));
    return true;
}

static struct seen read_in(const uint8_t *data, size_t size, size_t piece,
                           enum manifest_format format, bool *ok)
{
    struct seen seen = {.last_line = -1};
    struct manifest_sink sink = {&seen, on_item, on_bad};
    struct manifest_options options = {.format = format, .line_max = 200, .text_max = 100};
    struct manifest_reader *r = manifest_reader_new(NULL, &options, &sink);
    struct error err = {0};

    *ok = true;
    for (size_t at = 0; *ok && at < size; at += piece)
        *ok = manifest_reader_feed(r, data + at, size - at < piece ? size - at : piece, &err);
    *ok = *ok && manifest_reader_end(r, NULL, &err);
    assert(*ok || err.status == 422); /* bad bytes are the sender's fault, not ours */
    manifest_reader_free(r);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum manifest_format format;
    struct seen whole, pieces;
    bool ok, same;

    if (size < 2)
        return 0;
    format = (enum manifest_format)(data[0] % 3);
    whole = read_in(data + 2, size - 2, size, format, &ok);
    pieces = read_in(data + 2, size - 2, (size_t)data[1] % 16 + 1, format, &same);
    assert(ok == same && (!ok || whole.sum == pieces.sum));
    return 0;
}
