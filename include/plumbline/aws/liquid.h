/* liquid.h - the Liquid template language, as worker task templates use it.
 *
 * A template and a tree of JSON variables become text. Pure: no clock, no network, no globals; what
 * it needs from outside comes in the options. Source: the language's public documentation
 * (shopify.github.io/liquid), with Ground Truth's additions: autoescape, escape without double
 * escaping, skip_autoescape, to_json, grant_read_access, names with hyphens, iteration over objects
 * as pairs.
 *
 * Known: objects with dotted and subscripted paths, filters, whitespace control, and the tags if,
 * unless, case, for (limit, offset, reversed, else, break, continue, forloop), assign, capture,
 * comment, raw, increment, decrement, cycle, echo. Not known, and said so in the errors: include,
 * render, layout, tablerow, liquid: a task template is one file.
 *
 * Errors never end the rendering: a tag or object that is wrong gives nothing and one entry in the
 * list, what is around it is rendered. Only a limit ends it; the text so far stays. A path that
 * leads nowhere is nil, prints nothing and is no error, as in Liquid.
 *
 * Numbers follow Liquid: 7 | divided_by: 2 is 3, 7.0 | divided_by: 2 is 3.5; a number in a text
 * counts as that number in arithmetic. Lengths and positions are in code points. A worker template
 * refers to https://assets.crowd.aws/crowd-html-elements.js; that is left as it stands.
 */
#ifndef PLUMBLINE_AWS_LIQUID_H
#define PLUMBLINE_AWS_LIQUID_H

#include "plumbline/base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIQUID_TEMPLATE_MAX = 1 << 20, /* bytes of a template                                 */
    LIQUID_OUTPUT_MAX = 4 << 20,   /* bytes written                                       */
    LIQUID_STEPS_MAX = 1000000,    /* nodes rendered, iterations, values looked at        */
    LIQUID_MEMORY_MAX = 64 << 20,  /* bytes of texts and lists made on the way            */
    LIQUID_DEPTH_MAX = 64,         /* blocks inside each other; levels of to_json         */
    LIQUID_ERRORS_MAX = 50,        /* entries of the list; the last one says so           */
};

struct liquid_options {
    /* For the filter grant_read_access: the address under which a browser may read `uri`, malloc'd,
     * or NULL to leave the value as it is. Asked for s3:// values only. NULL: all values stay. */
    char *(*grant_read_access)(void *ctx, const char *uri);
    void *ctx;
    int64_t now;       /* seconds since 1970, for 'now' | date; 0 = not known, 'now' stays text */
    size_t output_max; /* 0 = LIQUID_OUTPUT_MAX */
    int64_t steps_max; /* 0 = LIQUID_STEPS_MAX  */
};

/* Renders valid UTF-8 `template` and adds the text to *out, escaped for HTML where the template
 * does not say otherwise. `variables` is an object whose members are the outermost names, so that
 * Task.Input goes in as {"task": {"input": ...}}; borrowed, not changed. `options` may be NULL.
 * `errors` (a list) gains an entry {"Code", "Message"} for each error, Message with line and column
 * (code points, from 1). Codes: SyntaxError, UnknownTag, UnknownFilter, ArgumentError,
 * LimitExceeded. True when there was none. */
bool liquid_render(const char *template, size_t size, json_t *variables,
                   const struct liquid_options *options, struct buf *out, json_t *errors);

/* The same for Ground Truth's Task.Input, JSON text that becomes task.input. Input that is not JSON
 * is an error entry InvalidInput and renders nothing. */
bool liquid_render_task(const char *template, size_t size, const char *input, size_t input_size,
                        const struct liquid_options *options, struct buf *out, json_t *errors);

#endif
