/* fields.h - one table describes a JSON object: it reads it, writes it and documents it.
 *
 *     struct label_in { const char *name; int64_t elapsed_ms; bool timed; };
 *     static const struct field label_fields[] = {
 *         {.name = "name", .kind = FIELD_TEXT, .at = offsetof(struct label_in, name),
 *          .required = true, .min = 1, .max = 64, .help = "Shown to annotators"},
 *         {.name = "elapsed_ms", .kind = FIELD_INT, .at = offsetof(struct label_in, elapsed_ms),
 *          .present = AT(struct label_in, timed), .max = 86400000},
 *         FIELD_END};
 *
 * The member's C type is set by the kind: TEXT and ENUM_TEXT `const char *`, INT and TIME int64_t,
 * ENUM int (index into choices), REAL double, BOOL bool, TEXTS struct texts, ANY `json_t *`, OBJECT
 * the nested struct itself, OBJECTS struct objects (an array of nested structs). When reading, an
 * absent or null optional field leaves the member as the caller set it.
 */
#ifndef PLUMBLINE_BASE_FIELDS_H
#define PLUMBLINE_BASE_FIELDS_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
    FIELD_NONE, /* ends a table */
    FIELD_TEXT, /* min..max code points */
    FIELD_INT,
    FIELD_REAL, /* finite */
    FIELD_BOOL,
    FIELD_ENUM,    /* one of choices */
    FIELD_TIME,    /* RFC 3339 outside, UTC microseconds inside; written only */
    FIELD_TEXTS,   /* list of min..max texts */
    FIELD_ANY,     /* any JSON value, borrowed when read */
    FIELD_OBJECT,  /* described by .fields */
    FIELD_OBJECTS, /* list of min..max objects described by .fields, each .size bytes */
};

struct texts {
    const char **v;
    size_t       n;
};

struct objects {
    void  *v; /* n structs of the element's size, one after another */
    size_t n;
};

struct field {
    const char     *name;
    enum field_kind kind;
    size_t          at;       /* offset of the member in the struct                           */
    size_t          present;  /* AT(): offset of a bool set when the field was given, or 0    */
    bool            required; /* when reading; when writing, an absent TEXT is then ""        */
    double          min, max; /* range, or length; max 0 with min 0 = no limit                */
    const char *const *choices;  /* ENUM: NULL-terminated                                     */
    const struct field *fields;  /* OBJECT, OBJECTS                                           */
    size_t          size;        /* OBJECTS: sizeof the element                               */
    const char     *schema;      /* name of the component in the documentation, or NULL       */
    const char     *help;
};

#define FIELD_END {.kind = FIELD_NONE}
#define AT(type, member) (offsetof(type, member) + 1) /* for .present, where 0 means "none" */

/* Reads a JSON object into *out. Unknown fields, wrong types, values out of range are refused; the
 * error names the field by its path ("labels[2].name"). Texts are borrowed from `object`, lists live
 * in the arena. */
bool fields_read(const struct field *spec, json_t *object, void *out, struct arena *a,
                 struct error *err);

/* The same value as JSON; a new reference. A NULL text or ANY that is not required is left out. A
 * TIME of 0 is left out. */
json_t *fields_write(const struct field *spec, const void *in);

/* The same as compact JSON text, added to *out. */
void fields_print(const struct field *spec, const void *in, struct buf *out);

/* JSON Schema of the table, for OpenAPI; a new reference. `components` (an object, may be NULL)
 * gains the named schemas it refers to. */
json_t *fields_schema(const struct field *spec, json_t *components);

/* Parses JSON text (must be one UTF-8 value, no duplicate keys); NULL and 400 json.malformed with
 * line and column on failure. A new reference. */
json_t *json_parse(const char *text, size_t size, struct error *err);

#endif
