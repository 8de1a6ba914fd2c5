/* liquid.c - one rendering: its limits, its errors, its names. */
#include "liquid_inner.h"

#include "plumbline/base/fields.h"
#include "plumbline/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_A_STEP = 64, ERROR_TEXT = 400 };

/* Line and column of a place, counted from 1; columns in code points. */
static void place(const struct liquid *r, const char *at, int *line, size_t *column)
{
    const char *start = r->text;

    *line = 1;
    for (const char *p = r->text; p < at && p < r->end; p++)
        if (*p == '\n') {
            ++*line;
            start = p + 1;
        }
    *column = utf8_length(start, (size_t)(at - start)) + 1;
}

static void entry(json_t *errors, const char *code, const char *message)
{
    json_array_append_new(errors, json_pack("{s:s, s:s}", "Code", code, "Message", message));
}

void liquid_error(struct liquid *r, const char *at, const char *code, const char *format, ...)
{
    char words[ERROR_TEXT], message[ERROR_TEXT + 64];
    size_t column, n;
    va_list args;
    int line;

    if (r->error_count >= LIQUID_ERRORS_MAX)
        return;
    if (++r->error_count == LIQUID_ERRORS_MAX) {
        entry(r->errors, "LimitExceeded", "There are more errors than are listed here.");
        return;
    }
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    n = utf8_valid_prefix(words, strlen(words)); /* a long name may be cut inside a character */
    words[n] = '\0';
    place(r, at ? at : r->text, &line, &column);
    snprintf(message, sizeof message, "Line %d, column %zu: %s", line, column, words);
    entry(r->errors, code, message);
}

static void stop(struct liquid *r, const char *format, long long limit)
{
    char words[ERROR_TEXT];

    if (r->stopped)
        return;
    r->stopped = true;
    snprintf(words, sizeof words, format, limit);
    if (r->error_count >= LIQUID_ERRORS_MAX - 1) /* why it ended is never left out */
        entry(r->errors, "LimitExceeded", words);
    else
        liquid_error(r, r->at, "LimitExceeded", "%s", words);
}

bool liquid_step(struct liquid *r, size_t bytes)
{
    r->steps += 1 + (int64_t)(bytes / BYTES_A_STEP);
    if (r->steps > r->steps_max)
        stop(r, "Rendering takes more than %lld steps.", (long long)r->steps_max);
    return !r->stopped;
}

void *liquid_alloc(struct liquid *r, size_t count, size_t size)
{
    size_t bytes;

    if (!liquid_step(r, 0))
        return NULL;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > LIQUID_MEMORY_MAX - r->memory) {
        stop(r, "Rendering needs more than %lld MiB of memory.", LIQUID_MEMORY_MAX >> 20);
        return NULL;
    }
    r->memory += bytes;
    return arena_alloc(&r->arena, bytes ? bytes : 1);
}

char *liquid_keep(struct liquid *r, const char *text, size_t size)
{
    char *copy = liquid_step(r, size) ? liquid_alloc(r, size + 1, 1) : NULL;

    if (copy && size)
        memcpy(copy, text, size);
    return copy;
}

size_t liquid_symbol(struct liquid *r, const char *name, size_t size)
{
    json_t *known = json_object_getn(r->symbols, name, size);

    if (known)
        return (size_t)json_integer_value(known);
    if (r->slot_count == r->slot_room) {
        r->slot_room = r->slot_room ? r->slot_room * 2 : 32;
        r->slots = must_realloc(r->slots, r->slot_room, sizeof *r->slots);
    }
    json_object_setn_new_nocheck(r->symbols, name, size, json_integer((json_int_t)r->slot_count));
    r->slots[r->slot_count] = (struct liquid_slot){.name = name, .size = size};
    return r->slot_count++;
}

static void render(struct liquid *r)
{
    struct liquid_node *nodes = liquid_parse(r);

    liquid_run(r, nodes);
}

bool liquid_render(const char *template, size_t size, json_t *variables,
                   const struct liquid_options *options, struct buf *out, json_t *errors)
{
    static const struct liquid_options standard;
    struct liquid r = {.text = template,
                       .end = template + size,
                       .cursor = template,
                       .options = options ? options : &standard,
                       .variables = variables,
                       .out = out,
                       .errors = errors};
    size_t room = r.options->output_max ? r.options->output_max : LIQUID_OUTPUT_MAX;

    r.steps_max = r.options->steps_max ? r.options->steps_max : LIQUID_STEPS_MAX;
    r.out_max = room < out->max - out->size ? out->size + room : out->max;
    if (size > LIQUID_TEMPLATE_MAX)
        liquid_error(&r, template, "LimitExceeded", "A template has at most %d bytes.",
                     LIQUID_TEMPLATE_MAX);
    else if (!utf8_is_valid(template, size))
        liquid_error(&r, template, "SyntaxError", "The template is not valid UTF-8 (byte %zu).",
                     utf8_valid_prefix(template, size) + 1);
    if (r.error_count)
        return false;
    arena_init(&r.arena);
    r.symbols = json_object();
    render(&r);
    json_decref(r.symbols);
    free(r.slots);
    arena_release(&r.arena);
    return r.error_count == 0;
}

bool liquid_render_task(const char *template, size_t size, const char *input, size_t input_size,
                        const struct liquid_options *options, struct buf *out, json_t *errors)
{
    struct error err = {0};
    json_t *value = json_parse(input, input_size, &err), *variables;
    bool ok;

    if (!value) {
        entry(errors, "InvalidInput", err.message);
        return false;
    }
    variables = json_pack("{s:{s:o}}", "task", "input", value);
    ok = liquid_render(template, size, variables, options, out, errors);
    json_decref(variables);
    return ok;
}
