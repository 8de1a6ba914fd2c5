/* fields_write.c - the same tables, the other way: a struct as JSON, and the table as JSON Schema. */
#include "plumbline/base/clock.h"
#include "plumbline/base/fields.h"

static json_t *write_texts(const struct texts *list)
{
    json_t *out = json_array();

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(out, json_string(list->v[i]));
    return out;
}

static json_t *write_objects(const struct field *f, const struct objects *list)
{
    json_t *out = json_array();

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(out, fields_write(f->fields, (const char *)list->v + i * f->size));
    return out;
}

static json_t *write_time(int64_t us)
{
    char text[CLOCK_TEXT_SIZE];

    return us ? json_string(clock_text(us, text)) : NULL;
}

/* NULL: leave the field out. */
static json_t *write_value(const struct field *f, const void *member)
{
    const char *text;
    json_t *any;

    switch (f->kind) {
    case FIELD_TEXT:
        text = *(const char *const *)member;
        return text ? json_string(text) : f->required ? json_string("") : NULL;
    case FIELD_INT:
        return json_integer(*(const int64_t *)member);
    case FIELD_REAL:
        return json_real(*(const double *)member);
    case FIELD_BOOL:
        return json_boolean(*(const bool *)member);
    case FIELD_ENUM:
        return json_string(f->choices[*(const int *)member]);
    case FIELD_TIME:
        return write_time(*(const int64_t *)member);
    case FIELD_TEXTS:
        return write_texts(member);
    case FIELD_ANY:
        any = *(json_t *const *)member;
        return any ? json_incref(any) : f->required ? json_null() : NULL;
    case FIELD_OBJECT:
        return fields_write(f->fields, member);
    case FIELD_OBJECTS:
        return write_objects(f, member);
    case FIELD_NONE:
        break;
    }
    return NULL;
}

json_t *fields_write(const struct field *spec, const void *in)
{
    json_t *out = json_object();

    for (const struct field *f = spec; f->kind != FIELD_NONE; f++) {
        json_t *value;

        if (f->present && !*(const bool *)((const char *)in + f->present - 1))
            continue;
        value = write_value(f, (const char *)in + f->at);
        if (value)
            json_object_set_new(out, f->name, value);
    }
    return out;
}

static json_t *schema_ref(const struct field *f, json_t *components)
{
    if (!f->schema || !components)
        return fields_schema(f->fields, components);
    if (!json_object_get(components, f->schema)) {
        json_object_set_new(components, f->schema, json_object()); /* a table may refer to itself */
        json_object_set_new(components, f->schema, fields_schema(f->fields, components));
    }
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", f->schema));
}

static void schema_limits(json_t *s, const struct field *f, const char *low, const char *high)
{
    bool whole = f->kind != FIELD_REAL;

    if (f->min == 0 && f->max == 0)
        return;
    json_object_set_new(s, low, whole ? json_integer((json_int_t)f->min) : json_real(f->min));
    if (f->max > 0)
        json_object_set_new(s, high, whole ? json_integer((json_int_t)f->max) : json_real(f->max));
}

static json_t *schema_value(const struct field *f, json_t *components)
{
    json_t *s = json_object(), *list;

    switch (f->kind) {
    case FIELD_TEXT:
        json_object_set_new(s, "type", json_string("string"));
        schema_limits(s, f, "minLength", "maxLength");
        break;
    case FIELD_INT:
        json_object_set_new(s, "type", json_string("integer"));
        schema_limits(s, f, "minimum", "maximum");
        break;
    case FIELD_REAL:
        json_object_set_new(s, "type", json_string("number"));
        schema_limits(s, f, "minimum", "maximum");
        break;
    case FIELD_BOOL:
        json_object_set_new(s, "type", json_string("boolean"));
        break;
    case FIELD_ENUM:
        list = json_array();
        for (int i = 0; f->choices[i]; i++)
            json_array_append_new(list, json_string(f->choices[i]));
        json_object_set_new(s, "type", json_string("string"));
        json_object_set_new(s, "enum", list);
        break;
    case FIELD_TIME:
        json_object_set_new(s, "type", json_string("string"));
        json_object_set_new(s, "format", json_string("date-time"));
        break;
    case FIELD_TEXTS:
        json_object_set_new(s, "type", json_string("array"));
        json_object_set_new(s, "items", json_pack("{s:s}", "type", "string"));
        schema_limits(s, f, "minItems", "maxItems");
        break;
    case FIELD_OBJECT:
        json_decref(s);
        return schema_ref(f, components);
    case FIELD_OBJECTS:
        json_object_set_new(s, "type", json_string("array"));
        json_object_set_new(s, "items", schema_ref(f, components));
        schema_limits(s, f, "minItems", "maxItems");
        break;
    case FIELD_ANY:
    case FIELD_NONE:
        break;
    }
    return s;
}

json_t *fields_schema(const struct field *spec, json_t *components)
{
    json_t *properties = json_object(), *required = json_array();

    for (const struct field *f = spec; f->kind != FIELD_NONE; f++) {
        json_t *s = schema_value(f, components);

        if (f->help && !json_object_get(s, "$ref"))
            json_object_set_new(s, "description", json_string(f->help));
        json_object_set_new(properties, f->name, s);
        if (f->required)
            json_array_append_new(required, json_string(f->name));
    }
    if (json_array_size(required) == 0) {
        json_decref(required);
        return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                         "additionalProperties", 0);
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties,
                     "required", required, "additionalProperties", 0);
}
