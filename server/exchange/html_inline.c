/* html_inline.c - the words of a paragraph: escaping, emphasis, code, links, pictures.
 *
 * White space is collapsed as browsers do. Emphasis is written only where the Markdown reader finds
 * the same ends again: it looks for the next marker and knows no nesting of the same one. Where
 * that is in doubt the words stand without it; words are never lost. */
#include "html.h"

#include "plumbline/base/utf8.h"

#include <string.h>
#include <strings.h>

enum { EMPHASIS_MAX = 1500, LINK_TEXT_MAX = 900, HREF_MAX = 1900 }; /* of what the reader takes */

void words_init(struct words *w, struct arena *a, size_t max)
{
    *w = (struct words){.a = a, .starts = true};
    buf_init(&w->text, max);
}

/* What is due before the next word. */
static void due(struct words *w)
{
    if (w->text.size == 0) {
        w->lead = w->lead || w->space || w->breaks;
    } else if (w->breaks) {
        buf_puts(&w->text, "\\\n");
        w->starts = true;
        w->digits = false;
    } else if (w->space) {
        buf_add(&w->text, " ", 1);
    }
    w->space = false;
    w->breaks = 0;
}

static void escaped(struct words *w, char c)
{
    bool digit = c >= '0' && c <= '9';

    if (strchr("\\`*_[]#", c) || (w->starts && strchr(">+-~", c)) ||
        (w->digits && (c == '.' || c == ')')))
        buf_add(&w->text, "\\", 1);
    buf_add(&w->text, &c, 1);
    w->digits = digit && (w->starts || w->digits);
    w->starts = w->after_code = false;
}

/* Bytes of white space at p: ASCII, and what browsers' \s knows besides. */
static size_t space_size(const char *p, const char *end)
{
    if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
        return 1;
    if (end - p >= 2 && memcmp(p, "\xC2\xA0", 2) == 0)
        return 2;
    if (end - p >= 3 && (memcmp(p, "\xE2\x80\xA8", 3) == 0 || memcmp(p, "\xE2\x80\xA9", 3) == 0 ||
                         memcmp(p, "\xEF\xBB\xBF", 3) == 0 || memcmp(p, "\xE3\x80\x80", 3) == 0 ||
                         (memcmp(p, "\xE2\x80", 2) == 0 && (unsigned char)p[2] >= 0x80 &&
                          (unsigned char)p[2] <= 0x8A)))
        return 3;
    return 0;
}

void words_add(struct words *w, const char *text, size_t size)
{
    const char *end = text + size;
    size_t n;

    while (text < end) {
        if ((n = space_size(text, end)) > 0) {
            w->space = true;
            text += n;
            continue;
        }
        if (end - text >= LIQUID_MARK_SIZE && memcmp(text, LIQUID_MARK, LIQUID_MARK_SIZE) == 0) {
            text += LIQUID_MARK_SIZE;
            continue;
        }
        if ((unsigned char)*text < 0x20 || *text == 0x7F) { /* control characters show nothing */
            text++;
            continue;
        }
        if (w->space || w->breaks)
            due(w);
        escaped(w, *text++);
    }
}

void words_break(struct words *w)
{
    if (w->one_line)
        w->space = true;
    else
        w->breaks++;
}

/* Markup as it is. */
static void words_raw(struct words *w, const char *text, size_t size)
{
    due(w);
    buf_add(&w->text, text, size);
    w->starts = w->digits = w->after_code = false;
}

static void children(struct words *w, const xmlNode *node);

/* The children in words of their own, to be joined to *w. */
static void inner(struct words *w, const xmlNode *node, struct words *in)
{
    *in = *w;
    in->space = in->lead = false;
    in->breaks = 0;
    in->starts = w->starts || w->breaks;
    buf_init(&in->text, w->text.max);
    children(in, node);
}

/* Joins them, between two markers. */
static void joined(struct words *w, struct words *in, const char *open, const char *close)
{
    w->space = w->space || in->lead || (in->text.size == 0 && in->space);
    if (in->text.size == 0) {
        w->breaks += in->breaks;
    } else {
        due(w);
        buf_puts(&w->text, open);
        buf_add(&w->text, in->text.data, in->text.size);
        buf_puts(&w->text, close);
        w->starts = false;
        w->digits = in->digits && !*open;
        w->after_code = in->after_code && !*close;
        w->space = in->space;
        w->breaks = in->breaks;
    }
    if (in->text.overflow)
        w->text.overflow = true;
    buf_release(&in->text);
}

void words_append(struct words *w, struct words *in)
{
    joined(w, in, "", "");
}

static bool holds(const struct buf *b, const char *any)
{
    return b->data && strpbrk(b->data, any);
}

static void strong(struct words *w, const xmlNode *node)
{
    struct words in;
    bool outer = w->strong;
    const char *marker;

    w->strong = true;
    inner(w, node, &in);
    w->strong = outer;
    marker = outer || in.text.size > EMPHASIS_MAX || holds(&in.text, "*\n") ? "" : "**";
    joined(w, &in, marker, marker);
}

/* Inside strong words "*" would be taken for the end of those, and "_" counts only where no word
 * goes on. */
static void emphasis(struct words *w, const xmlNode *node)
{
    bool outer = w->emphasis, touches;
    const char *marker = w->strong ? "_" : "*";
    struct words in;

    w->emphasis = true;
    inner(w, node, &in);
    w->emphasis = outer;
    touches = w->strong && w->text.size > 0 && !w->space && !in.lead && !w->breaks;
    if (outer || touches || in.text.size > EMPHASIS_MAX ||
        holds(&in.text, w->strong ? "*_\n" : "*\n"))
        marker = "";
    joined(w, &in, marker, marker);
}

static size_t longest_ticks(const char *text)
{
    size_t longest = 0, n;

    for (; *text; text += n ? n : 1)
        if ((n = strspn(text, "`")) > longest)
            longest = n;
    return longest;
}

static void code(struct words *w, const xmlNode *node)
{
    struct buf plain, line;
    size_t ticks;
    bool pad, last = true;

    buf_init(&plain, w->text.max);
    buf_init(&line, w->text.max);
    html_plain(node, &plain);
    for (const char *p = plain.data ? plain.data : "", *end = p + plain.size; p < end;) {
        size_t n = space_size(p, end);

        if (n == 0)
            buf_add(&line, p, 1);
        else if (!last)
            buf_add(&line, " ", 1);
        last = n > 0;
        p += n ? n : 1;
    }
    if (line.size && line.data[line.size - 1] == ' ')
        line.data[--line.size] = '\0';
    ticks = line.size ? longest_ticks(line.data) + 1 : 0;
    if (ticks > 2 && (w->starts || w->breaks)) { /* it would begin a block of code */
        words_add(w, line.data, line.size);
    } else if (line.size) {
        pad = *line.data == '`' || line.data[line.size - 1] == '`';
        buf_clear(&plain);
        for (size_t i = 0; i < ticks; i++)
            buf_add(&plain, "`", 1);
        w->space = w->space || w->after_code; /* two would run together */
        words_raw(w, plain.data, ticks);
        buf_printf(&w->text, "%s%s%s", pad ? " " : "", line.data, pad ? " " : "");
        buf_add(&w->text, plain.data, ticks);
        w->after_code = true;
    }
    buf_release(&plain);
    buf_release(&line);
}

/* An address that may become a link, with what Markdown would stumble over as %XX; else NULL. */
static char *address(const struct words *w, const xmlNode *node, const char *attribute)
{
    char *href = html_attribute(node, attribute, w->a);
    struct buf out;
    char *text;

    if (!href)
        return NULL;
    href += strspn(href, " \t\r\n\f");
    for (size_t n = strlen(href); n && strchr(" \t\r\n\f", href[n - 1]);)
        href[--n] = '\0';
    if ((strncasecmp(href, "http://", 7) != 0 && strncasecmp(href, "https://", 8) != 0 &&
         strncasecmp(href, "mailto:", 7) != 0) ||
        strstr(href, LIQUID_MARK))
        return NULL;
    buf_init(&out, HREF_MAX);
    for (const char *p = href, *end = href + strlen(href); *p; p++) {
        unsigned char c = (unsigned char)*p;

        if (c < 0x20 || c == 0x7F || space_size(p, end) > 1) {
            out.overflow = true;
            break;
        }
        if (strchr(" ()<>\\\"`*_", c))
            buf_printf(&out, "%%%02X", c);
        else
            buf_add(&out, p, 1);
    }
    text = out.overflow ? NULL : arena_strdup(w->a, out.data);
    buf_release(&out);
    return text;
}

static void link(struct words *w, const xmlNode *node)
{
    const char *href = w->link ? NULL : address(w, node, "href");
    bool outer = w->link;
    struct words in;
    char *close;

    w->link = outer || href;
    inner(w, node, &in);
    w->link = outer;
    if (!href || in.text.size == 0) {
        joined(w, &in, "", "");
    } else if (in.text.size > LINK_TEXT_MAX || holds(&in.text, "[]\n")) {
        close = arena_printf(w->a, " <%s>", href); /* text that a link's brackets cannot hold */
        joined(w, &in, "", close);
    } else {
        close = arena_printf(w->a, "](%s)", href);
        joined(w, &in, "[", close);
    }
}

static void picture(struct words *w, const xmlNode *node)
{
    const char *src = w->link ? NULL : address(w, node, "src");
    const char *alt = html_attribute(node, "alt", w->a);
    struct words in;

    if (!alt || !*alt) {
        if (!src)
            return;
        alt = "picture";
    }
    words_init(&in, w->a, w->text.max);
    in.starts = w->starts;
    words_add(&in, alt, strlen(alt));
    if (src && strncasecmp(src, "http", 4) == 0 && in.text.size && in.text.size < LINK_TEXT_MAX &&
        !holds(&in.text, "[]"))
        joined(w, &in, "[", arena_printf(w->a, "](%s)", src));
    else
        joined(w, &in, "", "");
}

static void children(struct words *w, const xmlNode *node)
{
    for (const xmlNode *n = node->children; n && !w->text.overflow; n = n->next) {
        if (n->type == XML_TEXT_NODE && n->content)
            words_add(w, (const char *)n->content, strlen((const char *)n->content));
        else if (n->type == XML_ELEMENT_NODE && !html_skipped(n))
            words_element(w, n);
    }
}

void words_element(struct words *w, const xmlNode *node)
{
    static const struct {
        const char *name;
        void (*add)(struct words *w, const xmlNode *node);
    } known[] = {
        {"b", strong}, {"strong", strong}, {"i", emphasis}, {"em", emphasis}, {"code", code},
        {"kbd", code}, {"samp", code},     {"tt", code},    {"a", link},      {"img", picture},
    };

    if (html_is(node, "br")) {
        words_break(w);
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (html_is(node, known[i].name)) {
            known[i].add(w, node);
            return;
        }
    if (html_is_block(node)) /* in a cell or heading */
        w->space = true;
    children(w, node);
    if (html_is_block(node))
        w->space = true;
}
