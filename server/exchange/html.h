/* html.h - HTML from outside as a tree, and the tree as Markdown.
 *
 * html.c           parsing, looking around in the tree
 * html_inline.c    the words of a paragraph: escaping, emphasis, code, links
 * html_markdown.c  paragraphs, lists, quotes, tables
 *
 * The Markdown is what static/js/core/markdown.js reads: HTML is no part of it, character
 * references neither, a backslash stands before what would mean something else, and before a line's
 * end it is a hard break. */
#ifndef PLUMBLINE_EXCHANGE_HTML_H
#define PLUMBLINE_EXCHANGE_HTML_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

/* U+E0FF stands where Liquid stood; in text it is left out. */
#define LIQUID_MARK "\xEE\x83\xBF"
enum { LIQUID_MARK_SIZE = 3 };

/* Size and encoding: 422 template.too_large, template.not_utf8. */
bool html_check(const char *html, size_t size, struct error *err);

/* The whole text as a document; the caller frees it with xmlFreeDoc. 422 as html_check, or
 * template.too_deep. *out is NULL for HTML that has nothing in it. */
bool html_read(const char *html, size_t size, struct arena *a, xmlDoc **out, struct error *err);

bool html_is(const xmlNode *node, const char *name);                /* an element of that name */
bool html_is_one_of(const xmlNode *node, const char *const *names); /* NULL ends the list */

/* The attribute's value in the arena, NULL when there is none. */
char *html_attribute(const xmlNode *node, const char *name, struct arena *a);

/* The text of everything inside, as it stands, without the marks. */
void html_plain(const xmlNode *node, struct buf *out);

/* ---- the words of a paragraph ---- */

struct words {
    struct buf text;
    bool space;                  /* white space is due before the next word         */
    bool lead;                   /* it began with white space                       */
    int breaks;                  /* hard breaks are due                             */
    bool starts;                 /* the next word begins a line                     */
    bool after_code;             /* the last word is code                     */
    bool digits;                 /* the line is digits so far, so "." would number it */
    bool one_line;               /* a heading or cell: a break is a space           */
    bool strong, emphasis, link; /* it stands inside such              */
    struct arena *a;
};

void words_init(struct words *w, struct arena *a, size_t max);
void words_add(struct words *w, const char *text, size_t size); /* text, escaped */
void words_break(struct words *w);
void words_append(struct words *w, struct words *in); /* takes what is in *in and releases it */
/* The element with all that is inside, nothing of which is a block. */
void words_element(struct words *w, const xmlNode *node);

bool html_skipped(const xmlNode *node);   /* scripts, styles and what else shows no text */
bool html_has_block(const xmlNode *node); /* below it: paragraphs, lists and so on */
bool html_is_block(const xmlNode *node);

/* ---- all of it ---- */

/* The children of `node` as Markdown, a blank line before what *out holds already. False: *out is
 * full. */
bool html_markdown(const xmlNode *node, struct arena *a, struct buf *out);

/* Plain text as one line of Markdown. */
void markdown_text(struct buf *out, const char *text, struct arena *a);

/* 422 template.too_long when *out is full or longer than a job's instructions may be. */
bool markdown_check(const struct buf *out, struct error *err);

#endif
