/* log_line.c - an entry as logfmt or as JSON. Written by hand, since a busy service writes tens of
 * thousands a second: a line costs a few hundred nanoseconds. */
#include "log_line.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/utf8.h"

#include <stdio.h>
#include <string.h>

/* ---- taking a request ---- */

static uint8_t keep(struct log_entry *e, size_t *used, const char *text, size_t most)
{
    size_t at = *used, room = sizeof e->text - at - 1, n;

    if (!text || room == 0)
        return 0;
    if (room > most)
        room = most;
    n = strnlen(text, room + 1);
    if (n > room) { /* "…" tells that there was more */
        n = room;
        memcpy(e->text + at, text, n);
        if (n > 3)
            memcpy(e->text + at + n - 3, "\xe2\x80\xa6", 3);
    } else {
        memcpy(e->text + at, text, n);
    }
    e->text[at + n] = '\0';
    *used = at + n + 1;
    return (uint8_t)at;
}

void log_entry_take(struct log_entry *e, const struct log_request *r)
{
    size_t used = 1; /* offset 0 means "none" */

    _Static_assert(LOG_TEXT_MAX <= 255, "offsets are bytes");
    e->status = r->status;
    e->took_us = r->took_us;
    e->bytes = r->bytes;
    e->person = r->person;
    e->route = r->route;
    e->id = keep(e, &used, r->id, 24);
    e->method = keep(e, &used, r->method, 10);
    e->code = keep(e, &used, r->code, 40);
    e->remote = keep(e, &used, r->remote, 46);
    e->forwarded = keep(e, &used, r->forwarded, 46);
    e->path = keep(e, &used, r->path, sizeof e->text);
}

/* ---- writing ---- */

struct line {
    char *at, *end;
    bool  json, bare; /* bare: nothing stands in the line yet */
};

static void put(struct line *l, const char *bytes, size_t size)
{
    if ((size_t)(l->end - l->at) < size)
        return;
    memcpy(l->at, bytes, size);
    l->at += size;
}

static void put_key(struct line *l, const char *key, size_t size)
{
    if (l->json) {
        put(l, l->bare ? "{\"" : ",\"", 2);
        put(l, key, size);
        put(l, "\":", 2);
    } else {
        put(l, " ", !l->bare);
        put(l, key, size);
        put(l, "=", 1);
    }
    l->bare = false;
}

#define KEY(l, name) put_key((l), (name), sizeof(name) - 1)

static void put_number(struct line *l, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    put(l, digits + at, sizeof digits - at);
}

/* The bytes that logfmt takes without quotes, and that need no escape in them either. */
static const bool is_plain[256] = {['!'] = true,
                                   ['#' ... '<'] = true,
                                   ['>' ... '['] = true,
                                   [']' ... '~'] = true};

/* Characters that look like nothing or turn a terminal's line around: C1 controls, line separators,
 * marks of direction. `p` is the start of valid UTF-8. */
static unsigned unseen(const unsigned char *p)
{
    unsigned u;

    if (p[0] == 0xc2 && p[1] < 0xa0)
        return p[1];
    if (p[0] != 0xe2)
        return 0;
    u = 0x2000u | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return (u >= 0x200b && u <= 0x200f) || (u >= 0x2028 && u <= 0x202e) ||
                   (u >= 0x2060 && u <= 0x2069) ? u : 0;
}

static void put_escaped(struct line *l, unsigned u)
{
    char text[8];
    int n = snprintf(text, sizeof text, "\\u%04x", u & 0xffffu);

    put(l, text, (size_t)n);
}

/* As the inside of a JSON string, which is also how logfmt's readers take quoted values. */
static void put_inside(struct line *l, const char *text, size_t size)
{
    static const char short_forms[] = "\"\"\\\\\nn\rr\tt";

    while (size > 0) {
        size_t sound = utf8_valid_prefix(text, size);

        for (size_t i = 0; i < sound;) {
            unsigned char c = (unsigned char)text[i];
            size_t step = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
            unsigned hidden = step > 1 ? unseen((const unsigned char *)text + i) : 0;
            const char *form = step == 1 ? memchr(short_forms, c, sizeof short_forms - 1) : NULL;

            if (form && (form - short_forms) % 2 == 0)
                put(l, (char[]){'\\', form[1]}, 2);
            else if (hidden || c < ' ' || c == 0x7f)
                put_escaped(l, hidden ? hidden : c);
            else
                put(l, text + i, step);
            i += step;
        }
        text += sound;
        size -= sound;
        if (size > 0) {
            put_escaped(l, 0xfffd);
            text++;
            size--;
        }
    }
}

static void put_text(struct line *l, const char *text, size_t size)
{
    size_t plain = 0;

    while (plain < size && is_plain[(unsigned char)text[plain]])
        plain++;
    if (plain == size && (size > 0) && !l->json) {
        put(l, text, size);
        return;
    }
    put(l, "\"", 1);
    if (plain == size)
        put(l, text, size);
    else
        put_inside(l, text, size);
    put(l, "\"", 1);
}

/* What is our own: words without anything to escape. */
static void put_word(struct line *l, const char *word, size_t size)
{
    put(l, "\"", l->json);
    put(l, word, size);
    put(l, "\"", l->json);
}

static void put_kept(struct line *l, const struct log_entry *e, const char *key, size_t key_size,
                     uint8_t at, bool own)
{
    const char *text = e->text + at;

    if (!at)
        return;
    put_key(l, key, key_size);
    if (own)
        put_word(l, text, strlen(text));
    else
        put_text(l, text, strlen(text));
}

#define OWN(l, e, name) put_kept((l), (e), #name, sizeof #name - 1, (e)->name, true)
#define THEIRS(l, e, name) put_kept((l), (e), #name, sizeof #name - 1, (e)->name, false)

static void put_time(struct line *l, int64_t us)
{
    static _Thread_local int64_t second = -1;
    static _Thread_local char text[CLOCK_TEXT_SIZE];
    int ms = (int)(us % SECOND_US / 1000);

    if (us / SECOND_US != second) {
        clock_text(us, text);
        second = us / SECOND_US;
    }
    text[20] = (char)('0' + ms / 100);
    text[21] = (char)('0' + ms / 10 % 10);
    text[22] = (char)('0' + ms % 10);
    KEY(l, "time");
    put_word(l, text, 24); /* 2026-11-02T08:15:30.120Z */
}

static void put_request(struct line *l, const struct log_entry *e)
{
    char three[3];
    uint64_t us = e->took_us > 0 ? (uint64_t)e->took_us : 0;

    OWN(l, e, id);
    THEIRS(l, e, method);
    if (e->route) {
        KEY(l, "route");
        put_word(l, e->route, strlen(e->route));
    }
    THEIRS(l, e, path);
    KEY(l, "status");
    put_number(l, e->status);
    KEY(l, "bytes");
    put_number(l, e->bytes > 0 ? (uint64_t)e->bytes : 0);
    KEY(l, "ms");
    put_number(l, us / 1000);
    three[0] = (char)('0' + us / 100 % 10);
    three[1] = (char)('0' + us / 10 % 10);
    three[2] = (char)('0' + us % 10);
    put(l, ".", 1);
    put(l, three, 3);
    if (e->person) {
        KEY(l, "person");
        put(l, l->json ? "\"person_" : "person_", l->json ? 8 : 7);
        put_number(l, (uint64_t)e->person);
        put(l, "\"", l->json);
    }
    OWN(l, e, remote);
    THEIRS(l, e, forwarded);
    OWN(l, e, code);
}

static size_t span(const char *text, const char *of)
{
    return strspn(text, of);
}

#define LOWER "abcdefghijklmnopqrstuvwxyz_"
#define WORD LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"

static void put_message(struct line *l, const char *text)
{
    for (;;) { /* "job=7 round=2: …" */
        size_t key = span(text, LOWER), value = text[key] == '=' ? span(text + key + 1, WORD) : 0;
        const char *end = text + key + 1 + value;

        end += key > 0 && value > 0 && *end == ':';
        if (key == 0 || value == 0 || *end != ' ')
            break;
        put_key(l, text, key);
        put_word(l, text + key + 1, value);
        text = end + 1;
    }
    KEY(l, "msg");
    put_text(l, text, strlen(text));
}

size_t log_entry_write(const struct log_entry *e, enum log_format format, bool journal,
                       char out[LOG_LINE_MAX])
{
    static const char *const priority[] = {"<7>", "<6>", "<4>", "<3>"};
    struct line l = {.at = out, .end = out + LOG_LINE_MAX - 2, .json = format == LOG_JSON,
                     .bare = true};
    const char *level = log_level_names[e->level];

    if (journal)
        put(&l, priority[e->level], 3);
    put_time(&l, e->at_us);
    KEY(&l, "level");
    put_word(&l, level, strlen(level));
    if (e->message)
        put_message(&l, e->message);
    else
        put_request(&l, e);
    if (l.json)
        *l.at++ = '}';
    *l.at++ = '\n';
    return (size_t)(l.at - out);
}
