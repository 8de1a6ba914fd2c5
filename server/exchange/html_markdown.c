/* html_markdown.c - paragraphs, headings, lists, quotes, code and tables.
 *
 * Words gather in a paragraph until a block begins or ends. What stands inside a list item or a
 * quote is written by itself first and then moved in, line by line. */
#include "html.h"

#include "plumbline/base/utf8.h"
#include "plumbline/exchange/template.h"

#include <stdlib.h>
#include <string.h>

enum { NEST_MAX = 6, MARKDOWN_BYTES = 2 << 20 }; /* the reader takes lists and quotes 8 deep */

struct flow {
    struct buf *out;
    struct words words;
    struct arena *a;
    int nest;
    bool item; /* directly in a list's item: a list follows without a blank line */
};

static const char *const skipped[] = {"script", "style",  "template", "head",   "title", "noscript",
                                      "svg",    "math",   "object",   "iframe", "audio", "video",
                                      "canvas", "select", "textarea", "link",   "meta",  NULL};
static const char *const blocks[] = {
    "p",       "div",     "section", "article", "aside",  "header",     "footer",     "main",
    "nav",     "form",    "address", "figure",  "center", "figcaption", "fieldset",   "legend",
    "details", "summary", "dl",      "dt",      "dd",     "ul",         "ol",         "li",
    "pre",     "hr",      "table",   "tr",      "td",     "th",         "blockquote", "caption",
    "h1",      "h2",      "h3",      "h4",      "h5",     "h6",         "body",       NULL};
static const char *const rich[] = {"ul", "ol", "pre", "table", "blockquote", "hr", "h1",
                                   "h2", "h3", "h4",  "h5",    "h6",         NULL};

bool html_skipped(const xmlNode *node)
{
    return html_is_one_of(node, skipped);
}

/* Elements of their own name (crowd-card, short-summary) are laid out as blocks. */
bool html_is_block(const xmlNode *node)
{
    return html_is_one_of(node, blocks) ||
           (node->type == XML_ELEMENT_NODE && strchr((const char *)node->name, '-'));
}

static bool has(const xmlNode *node, bool (*wanted)(const xmlNode *))
{
    for (const xmlNode *n = node->children; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE && (wanted(n) || has(n, wanted)))
            return true;
    return false;
}

static bool is_rich(const xmlNode *node)
{
    return html_is_one_of(node, rich);
}

bool html_has_block(const xmlNode *node)
{
    return has(node, html_is_block);
}

static void blank_line(struct flow *f)
{
    if (f->out->size)
        buf_puts(f->out, "\n\n");
}

/* Ends the paragraph. */
static void flush(struct flow *f)
{
    struct words fresh;

    if (f->words.text.size) {
        blank_line(f);
        buf_add(f->out, f->words.text.data, f->words.text.size);
    }
    if (f->words.text.overflow)
        f->out->overflow = true;
    buf_release(&f->words.text);
    words_init(&fresh, f->a, MARKDOWN_BYTES);
    f->words = fresh;
}

static void flow_init(struct flow *f, struct buf *out, struct arena *a, int nest)
{
    *f = (struct flow){.out = out, .a = a, .nest = nest};
    words_init(&f->words, a, MARKDOWN_BYTES);
}

static void children(struct flow *f, const xmlNode *node);

/* The children as blocks in a text of their own; the caller releases it. */
static void apart(struct flow *f, const xmlNode *node, bool item, struct buf *text)
{
    struct flow in;

    buf_init(text, MARKDOWN_BYTES);
    flow_init(&in, text, f->a, f->nest + 1);
    in.item = item;
    children(&in, node);
    flush(&in);
    buf_release(&in.words.text);
    if (text->overflow)
        f->out->overflow = true;
}

/* Adds lines, `first` before the first and `rest` before the others; blank ones get no spaces. */
static void moved_in(struct buf *out, const struct buf *text, const char *first, const char *rest)
{
    const char *p = text->data, *end = p + text->size, *line;

    for (const char *before = first; p < end; before = rest) {
        size_t n = strlen(before);

        line = memchr(p, '\n', (size_t)(end - p));
        line = line ? line : end;
        while (line == p && n && before[n - 1] == ' ')
            n--;
        buf_add(out, before, n);
        buf_add(out, p, (size_t)(line - p));
        if (line < end)
            buf_add(out, "\n", 1);
        p = line + 1;
    }
}

static void heading(struct flow *f, const xmlNode *node)
{
    int level = node->name[1] - '0';

    flush(f);
    f->words.one_line = true;
    f->words.strong = true;
    f->words.starts = false;
    for (const xmlNode *n = node->children; n; n = n->next) {
        if (n->type == XML_TEXT_NODE && n->content)
            words_add(&f->words, (const char *)n->content, strlen((const char *)n->content));
        else if (n->type == XML_ELEMENT_NODE && !html_skipped(n))
            words_element(&f->words, n);
    }
    if (f->words.text.size) {
        blank_line(f);
        buf_printf(f->out, "%.*s %s", level, "######", f->words.text.data);
        buf_clear(&f->words.text);
    }
    flush(f);
}

/* What an item holds: an element's children, or words that stand in the list by themselves. */
static void item(struct flow *f, const xmlNode *n, struct buf *text)
{
    struct words w;

    if (n->type == XML_ELEMENT_NODE) {
        apart(f, n, true, text);
        return;
    }
    words_init(&w, f->a, MARKDOWN_BYTES);
    words_add(&w, (const char *)n->content, strlen((const char *)n->content));
    *text = w.text;
}

static void list(struct flow *f, const xmlNode *node)
{
    bool ordered = html_is(node, "ol"), any = false;
    const char *start = ordered ? html_attribute(node, "start", f->a) : NULL;
    long number = start ? strtol(start, NULL, 10) : 1;
    char marker[16], rest[16];
    struct buf text;

    flush(f);
    if (number < 0 || number > 1000000)
        number = 1;
    for (const xmlNode *n = node->children; n && !f->out->overflow; n = n->next) {
        if (!(n->type == XML_ELEMENT_NODE && !html_skipped(n)) &&
            !(n->type == XML_TEXT_NODE && n->content))
            continue;
        item(f, n, &text);
        if (text.size) {
            snprintf(marker, sizeof marker, ordered ? "%ld. " : "- ", number++);
            snprintf(rest, sizeof rest, "%*s", (int)strlen(marker), "");
            if (any || (f->item && f->out->size))
                buf_add(f->out, "\n", 1);
            else
                blank_line(f);
            moved_in(f->out, &text, marker, rest);
            any = true;
        }
        buf_release(&text);
    }
}

static void quote(struct flow *f, const xmlNode *node)
{
    struct buf text;

    flush(f);
    apart(f, node, false, &text);
    if (text.size) {
        blank_line(f);
        moved_in(f->out, &text, "> ", "> ");
    }
    buf_release(&text);
}

/* Runs of blank lines become one, since two would end a list's item. */
static void pre(struct flow *f, const xmlNode *node)
{
    struct buf plain;
    const char *p, *end, *line, *fence = "```";
    int blank = 1;

    flush(f);
    buf_init(&plain, MARKDOWN_BYTES);
    html_plain(node, &plain);
    p = plain.data ? plain.data : "";
    for (end = p + plain.size; end > p && strchr(" \t\r\n", end[-1]);)
        end--;
    if (strncmp(p, "```", 3) == 0 || strstr(p, "\n```"))
        fence = "~~~";
    if (p < end) {
        blank_line(f);
        buf_puts(f->out, fence);
        buf_add(f->out, "\n", 1);
    }
    for (; p < end; p = line + 1) {
        size_t n;

        line = memchr(p, '\n', (size_t)(end - p));
        line = line ? line : end;
        n = (size_t)(line - p);
        n -= n && p[n - 1] == '\r';
        blank = strspn(p, " \t\r") >= n ? blank + 1 : 0;
        if (blank > 1)
            continue;
        if (strncmp(p, fence, 3) == 0)
            buf_add(f->out, " ", 1);
        for (size_t i = 0; i < (blank ? 0 : n); i++)
            buf_add(f->out, p[i] == '\r' ? " " : p + i, 1);
        buf_add(f->out, "\n", 1);
    }
    if (plain.size && end > plain.data)
        buf_puts(f->out, fence);
    buf_release(&plain);
}

static void row(struct flow *f, const xmlNode *tr)
{
    bool any = false;

    words_break(&f->words);
    for (const xmlNode *n = tr->children; n; n = n->next) {
        struct words cell;

        if (!html_is(n, "td") && !html_is(n, "th"))
            continue;
        words_init(&cell, f->a, MARKDOWN_BYTES);
        cell.one_line = true;
        cell.starts = !any;
        words_element(&cell, n);
        if (any)
            words_add(&f->words, " | ", 3);
        f->words.space = any;
        if (cell.text.size) {
            words_append(&f->words, &cell);
            any = true;
        }
        buf_release(&cell.text);
    }
}

/* Rows as lines, cells with bars between them; the lines are hard breaks of one paragraph. */
static void rows(struct flow *f, const xmlNode *node)
{
    for (const xmlNode *n = node->children; n; n = n->next) {
        if (html_is(n, "tr"))
            row(f, n);
        else if (html_is(n, "thead") || html_is(n, "tbody") || html_is(n, "tfoot"))
            rows(f, n);
        else if (html_is(n, "caption"))
            words_element(&f->words, n);
    }
}

static void table(struct flow *f, const xmlNode *node)
{
    flush(f);
    if (has(node, is_rich)) /* it lays out blocks */
        children(f, node);
    else
        rows(f, node);
    flush(f);
}

static void rule(struct flow *f, const xmlNode *node)
{
    (void)node;
    flush(f);
    blank_line(f);
    buf_puts(f->out, "---");
}

static void element(struct flow *f, const xmlNode *node)
{
    static const char *const headings[] = {"h1", "h2", "h3", "h4", "h5", "h6", NULL};
    static const char *const wrappers[] = {"b",  "strong", "i",    "em",  "a", "code",
                                           "tt", "kbd",    "samp", "img", NULL};
    bool block = html_is_block(node), nests = f->nest < NEST_MAX;

    if (html_is(node, "br")) {
        if (f->words.breaks) /* two of them are meant as a paragraph's end */
            flush(f);
        else
            words_break(&f->words);
    } else if (html_is_one_of(node, headings)) {
        heading(f, node);
    } else if ((html_is(node, "ul") || html_is(node, "ol")) && nests) {
        list(f, node);
    } else if (html_is(node, "blockquote") && nests) {
        quote(f, node);
    } else if (html_is(node, "pre")) {
        pre(f, node);
    } else if (html_is(node, "table")) {
        table(f, node);
    } else if (html_is(node, "hr")) {
        rule(f, node);
    } else if (!block && html_is_one_of(node, wrappers) && !html_has_block(node)) {
        words_element(&f->words, node);
    } else {
        if (block)
            flush(f);
        children(f, node);
        if (block)
            flush(f);
    }
}

static void children(struct flow *f, const xmlNode *node)
{
    for (const xmlNode *n = node->children; n && !f->out->overflow; n = n->next) {
        if (n->type == XML_TEXT_NODE && n->content)
            words_add(&f->words, (const char *)n->content, strlen((const char *)n->content));
        else if (n->type == XML_ELEMENT_NODE && !html_skipped(n))
            element(f, n);
    }
}

bool html_markdown(const xmlNode *node, struct arena *a, struct buf *out)
{
    struct flow f;

    flow_init(&f, out, a, 0);
    children(&f, node);
    flush(&f);
    buf_release(&f.words.text);
    return !out->overflow;
}

void markdown_text(struct buf *out, const char *text, struct arena *a)
{
    struct words w;

    words_init(&w, a, MARKDOWN_BYTES);
    w.one_line = true;
    words_add(&w, text, strlen(text));
    if (w.text.size)
        buf_add(out, w.text.data, w.text.size);
    buf_release(&w.text);
}

bool markdown_check(const struct buf *out, struct error *err)
{
    if (!out->overflow &&
        utf8_length(out->data ? out->data : "", out->size) <= TEMPLATE_MARKDOWN_MAX)
        return true;
    return error_set(err, 422, "template.too_long", "",
                     "The instructions have more than %d characters.", TEMPLATE_MARKDOWN_MAX);
}

char *html_to_markdown(const char *html, size_t size, struct arena *a, struct error *err)
{
    char *text = NULL;
    struct buf out;
    xmlDoc *doc;

    if (!html_read(html, size, a, &doc, err))
        return NULL;
    buf_init(&out, MARKDOWN_BYTES);
    if (doc)
        html_markdown((const xmlNode *)doc, a, &out);
    if (markdown_check(&out, err))
        text = arena_strdup(a, out.data ? out.data : "");
    buf_release(&out);
    xmlFreeDoc(doc);
    return text;
}
