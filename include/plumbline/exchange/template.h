/* template.h - what a Ground Truth worker template says, without running it.
 *
 * A worker template is HTML with Liquid and crowd-* elements. The product has its own pages, so of
 * the template only what people read is taken: the header, the instructions (as Markdown) and the
 * labels when they are written out. Liquid objects and tags give nothing; the text between tags
 * stays. HTML is read as browsers do, mistakes and all; nothing is fetched.
 */
#ifndef PLUMBLINE_EXCHANGE_TEMPLATE_H
#define PLUMBLINE_EXCHANGE_TEMPLATE_H

#include "plumbline/base/arena.h"
#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    TEMPLATE_MAX = 1 << 20,         /* bytes of a template or of a piece of HTML                  */
    TEMPLATE_DEPTH_MAX = 256,       /* elements inside each other                                 */
    TEMPLATE_MARKDOWN_MAX = 100000, /* code points of all instructions, as a job takes them    */
    TEMPLATE_LABELS_MAX = 1000,     /* literal labels                                             */
};

/* Texts are never NULL; what is not there is "". They live in the arena. */
struct worker_template {
    const char *element; /* the first element that takes an answer: "crowd-bounding-box", or "" */
    const char *name;    /* its name attribute, under which its answer stands; "" as for header */
    int elements;        /* how many there are; more than one is a page of its own making     */
    bool overlay;        /* the element shows earlier labels to be judged                     */
    const char *header;  /* its header attribute; plain text, "" also when Liquid makes it    */
    const char *short_instructions; /* Markdown */
    const char *full_header;       /* plain text                                                  */
    const char *full_instructions; /* Markdown, examples included                                 */
    bool literal_labels;           /* labels or categories are written out in the template        */
    const char **labels;           /* their names, trimmed; in order                              */
    size_t label_count;
    const char *none_label; /* text of exclusion-category, for "none of these"; "" = not offered */
};

/* 422 template.too_large, template.not_utf8, template.too_deep, template.labels (a literal list
 * that cannot be read, with the place in it), template.too_long (more than TEMPLATE_MARKDOWN_MAX).
 * An empty template is one that says nothing. */
bool worker_template_read(const char *html, size_t size, struct arena *a,
                          struct worker_template *out, struct error *err);

/* Everything for people in one Markdown text, as a job's instructions: the header, the short
 * instructions, the full ones under their header. "" when there is nothing. In the arena, at most
 * TEMPLATE_MARKDOWN_MAX code points. */
char *worker_template_instructions(const struct worker_template *t, struct arena *a);

/* A piece of HTML as the Markdown that the product shows: headings, paragraphs, lists, emphasis,
 * code, quotes, links to http, https and mailto; tables as lines, pictures as links. All else is
 * text, escaped. NULL with *err filled as above. */
char *html_to_markdown(const char *html, size_t size, struct arena *a, struct error *err);

#endif
