/* export_rows.c - jsonl and csv: one flat row an item, for people and for scripts.
 *
 * Both formats show the same values; a row is gathered once into `struct row` and written twice.
 */
#include "writer.h"

#include "plumbline/base/clock.h"
#include "splice.h"

#include <stdlib.h>
#include <string.h>

const char export_csv_header[] = "line,id,source,source-ref,label,confidence,posterior,origin,"
                                 "answers,model,round,estimate,created,failure\r\n";

static const char *const origins[] = {[EXPORT_NONE] = "unlabelled",
                                      [EXPORT_HUMAN] = "human",
                                      [EXPORT_MACHINE] = "machine",
                                      [EXPORT_FAILED] = "failed",
                                      [EXPORT_KEPT] = "kept"};

struct row {
    const struct exporter    *x;
    const struct export_item *item;
    struct arena              a;
    const char               *id;       /* the user's, as text, or NULL */
    const char               *text, *ref;
    bool                      labelled;
    const char               *label;    /* the name, or a JSON list of names; NULL: none */
    const char               *confidence, *posterior; /* JSON, or NULL */
};

/* The names of the classes that hold, as JSON list. */
static const char *name_list(struct row *r)
{
    const struct task_classes *c = &r->item->label.classes;
    struct buf list;
    const char *text;

    buf_init(&list, WRITER_LINE_MAX);
    buf_puts(&list, "[");
    for (size_t i = 0; i < c->n; i++) {
        if (r->item->posterior && r->item->posterior[i] < 0.5)
            continue;
        buf_puts(&list, list.size > 1 ? "," : "");
        buf_json_text(&list, r->x->options->labels->v[c->v[i]].name);
    }
    buf_puts(&list, "]");
    text = arena_strdup(&r->a, list.data);
    buf_release(&list);
    return text;
}

/* A value, or for a multi-label type one a class: {"name":value}. */
static const char *numbers(struct row *r, const double *v, int decimals)
{
    const struct task_classes *c = &r->item->label.classes;
    bool many = r->x->options->type->multi_label;
    struct buf out;
    const char *text;

    if (!v)
        return NULL;
    buf_init(&out, WRITER_LINE_MAX);
    buf_puts(&out, many ? "{" : "");
    for (size_t i = 0; i < c->n; i++) {
        buf_puts(&out, i ? "," : "");
        if (many) {
            buf_json_text(&out, r->x->options->labels->v[c->v[i]].name);
            buf_puts(&out, ":");
        }
        buf_fixed(&out, v[i], decimals);
    }
    buf_puts(&out, many ? "}" : "");
    text = arena_strdup(&r->a, out.data);
    buf_release(&out);
    return text;
}

static void gather_label(struct row *r)
{
    const struct task_type *type = r->x->options->type;

    r->labelled = true;
    r->label = type->multi_label
                   ? name_list(r)
                   : r->x->options->labels->v[r->item->label.classes.v[0]].name;
    r->confidence = numbers(r, r->item->label.confidence, 2);
    r->posterior = numbers(r, r->item->posterior, 6);
}

/* The label that the line came with; one that cannot be read is left out. */
static void gather_kept(struct row *r)
{
    const struct export_options *o = r->x->options;
    json_t *line = json_loadb(r->item->raw ? r->item->raw : "", r->item->raw_size, 0, NULL);
    struct texts names;
    struct buf list;
    bool found, read = task_label_parse(line, o->attribute, o->labels, &r->a, &names, &found, NULL);

    json_decref(line);
    if (!read || !found || (!o->type->multi_label && names.n != 1))
        return;
    r->labelled = true;
    if (!o->type->multi_label) {
        r->label = names.v[0];
        return;
    }
    buf_init(&list, WRITER_LINE_MAX);
    buf_puts(&list, "[");
    for (size_t i = 0; i < names.n; i++) {
        buf_puts(&list, i ? "," : "");
        buf_json_text(&list, names.v[i]);
    }
    buf_puts(&list, "]");
    r->label = arena_strdup(&r->a, list.data);
    buf_release(&list);
}

/* A member that is a text, or, where integers are welcome, one of those as text; else NULL. */
static const char *text_of(struct row *r, const struct member *m, bool or_integer)
{
    const char *text = NULL;
    json_t *value;

    if (!m->value)
        return NULL;
    if (*m->value == '"' && !memchr(m->value, '\\', m->size))
        return arena_strndup(&r->a, m->value + 1, m->size - 2);
    if (*m->value != '"' && !or_integer)
        return NULL;
    value = json_loadb(m->value, m->size, JSON_DECODE_ANY, NULL);
    if (json_is_string(value))
        text = arena_strdup(&r->a, json_string_value(value));
    else if (json_is_integer(value))
        text = arena_printf(&r->a, "%lld", (long long)json_integer_value(value));
    json_decref(value);
    return text;
}

static void gather(struct row *r, const struct exporter *x, const struct export_item *item)
{
    enum { ID, SOURCE, REF, TEXT, IMAGE, FILE_NAME, MEMBERS };
    struct member m[MEMBERS] = {{.name = "id"},   {.name = "source"}, {.name = "source-ref"},
                                {.name = "text"}, {.name = "image"},  {.name = "file"}};

    *r = (struct row){.x = x, .item = item};
    arena_init(&r->a);
    line_members(item->raw ? item->raw : "", item->raw_size, m, MEMBERS);
    r->id = text_of(r, &m[ID], true);
    r->text = text_of(r, &m[SOURCE], false);
    r->ref = text_of(r, &m[REF], false);
    if (!r->text && !r->ref && x->options->type->media != TASK_IMAGE)
        r->text = text_of(r, &m[TEXT], false);
    if (!r->text && !r->ref)
        r->ref = text_of(r, &m[IMAGE], false);
    if (!r->text && !r->ref)
        r->ref = text_of(r, &m[FILE_NAME], false);
    if (item->origin == EXPORT_HUMAN || item->origin == EXPORT_MACHINE)
        gather_label(r);
    else if (item->origin == EXPORT_KEPT)
        gather_kept(r);
}

static void row_release(struct row *r)
{
    arena_release(&r->a);
}

static const char *origin_of(const struct export_item *item)
{
    return item->origin == EXPORT_MACHINE && item->label.provisional ? "provisional"
                                                                     : origins[item->origin];
}

/* ,"name":"text" where there is one */
static void member_text(struct buf *out, const char *name, const char *text)
{
    if (!text)
        return;
    buf_puts(out, ",\"");
    buf_puts(out, name);
    buf_puts(out, "\":");
    buf_json_text(out, text);
}

static void member_json(struct buf *out, const char *name, const char *json)
{
    if (json)
        buf_printf(out, ",\"%s\":%s", name, json);
}

bool export_jsonl_row(struct exporter *x, const struct export_item *item, struct error *err)
{
    struct buf *out = &x->line;
    char time[CLOCK_TEXT_SIZE];
    struct row r;

    gather(&r, x, item);
    buf_clear(out);
    buf_puts(out, "{\"line\":");
    buf_int(out, item->line);
    member_text(out, r.id ? "id" : "key", r.id ? r.id : item->key);
    member_text(out, "source", r.text);
    member_text(out, "source-ref", r.ref);
    if (x->options->type->multi_label)
        member_json(out, "label", r.label);
    else
        member_text(out, "label", r.label);
    member_json(out, "confidence", r.confidence);
    member_json(out, "posterior", r.posterior);
    member_text(out, "origin", origin_of(item));
    buf_puts(out, ",\"answers\":");
    buf_int(out, (int64_t)item->answer_count);
    if (item->origin == EXPORT_MACHINE) {
        member_text(out, "model", item->label.model);
        if (item->label.round > 0)
            buf_printf(out, ",\"round\":%lld", (long long)item->label.round);
        if (item->label.estimate > 0)
            buf_printf(out, ",\"estimate\":%.4f", item->label.estimate);
    }
    if (r.labelled && item->origin != EXPORT_KEPT)
        member_text(out, "created", clock_text(item->label.created_us, time));
    if (item->origin == EXPORT_FAILED)
        member_text(out, "failure", item->failure ? item->failure : "");
    buf_puts(out, "}\n");
    row_release(&r);
    return !out->overflow || exporter_full(err);
}

/* One cell, with the comma behind it. Quoted where RFC 4180 wants it, and where a reader that trims
 * would lose white space. */
static void cell(struct buf *out, const char *text, bool defuse)
{
    size_t n = text ? strlen(text) : 0;
    bool quote = n > 0 && (strpbrk(text, ",\"\r\n") || strchr(" \t", text[0]) ||
                           strchr(" \t", text[n - 1]));

    buf_puts(out, quote ? "\"" : "");
    if (defuse && n > 0 && strchr("=+-@\t\r", text[0]))
        buf_puts(out, "'");
    for (const char *p = text; n > 0;) {
        const char *mark = memchr(p, '"', n);
        size_t size = mark ? (size_t)(mark - p) + 1 : n;

        buf_add(out, p, size);
        if (mark)
            buf_add(out, "\"", 1);
        p += size;
        n -= size;
    }
    buf_puts(out, quote ? "\"," : ",");
}

bool export_csv_row(struct exporter *x, const struct export_item *item, struct error *err)
{
    bool defuse = !x->options->csv_plain, machine = item->origin == EXPORT_MACHINE;
    struct buf *out = &x->line;
    char time[CLOCK_TEXT_SIZE];
    struct row r;

    gather(&r, x, item);
    buf_clear(out);
    buf_int(out, item->line);
    buf_puts(out, ",");
    cell(out, r.id, defuse);
    cell(out, r.text, defuse);
    cell(out, r.ref, defuse);
    cell(out, r.label, defuse);
    cell(out, r.confidence, false);
    cell(out, r.posterior, false);
    cell(out, origin_of(item), false);
    buf_int(out, (int64_t)item->answer_count);
    buf_puts(out, ",");
    cell(out, machine ? item->label.model : NULL, defuse);
    cell(out, machine && item->label.round > 0
                  ? arena_printf(&r.a, "%lld", (long long)item->label.round) : NULL, false);
    cell(out, machine && item->label.estimate > 0
                  ? arena_printf(&r.a, "%.4f", item->label.estimate) : NULL, false);
    cell(out, r.labelled && item->origin != EXPORT_KEPT ? clock_text(item->label.created_us, time)
                                                        : NULL, false);
    cell(out, item->origin == EXPORT_FAILED ? item->failure : NULL, defuse);
    if (!out->overflow) {
        out->size--; /* the last comma */
        out->data[out->size] = '\0';
    }
    buf_puts(out, "\r\n");
    row_release(&r);
    return !out->overflow || exporter_full(err);
}
