/* model.c - a request beside its shape. What is wrong is said as AWS's services say it, with every
 * constraint that a value fails:
 *
 *     2 validation errors detected: Value 'x_' at 'labelingJobName' failed to satisfy constraint:
 *     Member must satisfy regular expression pattern: …; Value null at 'roleArn' failed …
 */
#include "model.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_MAX = 16384, SHOWN_MAX = 400, PATH_MAX_BYTES = 1000, DETECTED_MAX = 50 };

struct check {
    const struct aws_patterns *patterns;
    struct arena *arena;
    struct buf message;
    int detected;
    const char *wrong_type; /* a sentence: the body does not even fit */
};

/* ---- saying what is wrong ---- */

/* "LabelingJobName" as it stands in errors: labelingJobName. */
static const char *path_join(struct check *c, const char *path, const char *name)
{
    char *joined = arena_printf(c->arena, "%s%s%.*s", path, *path ? "." : "", PATH_MAX_BYTES, name);
    char *first = joined + strlen(path) + (*path != '\0');

    if (*first >= 'A' && *first <= 'Z')
        *first = (char)(*first - 'A' + 'a');
    return joined;
}

static const char *shown(struct check *c, const struct shape *s, const json_t *value)
{
    char *text;
    const char *copy;
    size_t size;

    if (s->secret)
        return "'***Sensitive String***'";
    if (!value)
        return "null";
    if (json_is_string(value)) {
        size = json_string_length(value);
        text = must_strdup(json_string_value(value));
    } else {
        text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        size = text ? strlen(text) : 0;
    }
    if (size > SHOWN_MAX)
        size = utf8_valid_prefix(text, SHOWN_MAX);
    copy = arena_printf(c->arena, "'%.*s'", (int)size, text ? text : "");
    free(text);
    return copy;
}

__attribute__((format(printf, 5, 6))) static void detect(struct check *c, const struct shape *s,
                                                         const char *path, const json_t *value,
                                                         const char *format, ...)
{
    char constraint[2000];
    va_list args;

    if (c->detected++ >= DETECTED_MAX)
        return;
    va_start(args, format);
    vsnprintf(constraint, sizeof constraint, format, args);
    va_end(args);
    buf_printf(&c->message, "%sValue %s at '%s' failed to satisfy constraint: %s",
               c->detected > 1 ? "; " : "", shown(c, s, value), path, constraint);
}

static void wrong_type(struct check *c, const char *path, const char *wanted)
{
    if (!c->wrong_type)
        c->wrong_type = arena_printf(c->arena, "%s must be %s.", *path ? path : "The body", wanted);
}

/* ---- texts ---- */

static const char *choice_list(struct check *c, const struct shape *s)
{
    struct buf b;
    const char *text;

    buf_init(&b, MESSAGE_MAX);
    for (int i = 0; s->choices[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", s->choices[i]);
    text = arena_strdup(c->arena, b.data);
    buf_release(&b);
    return text;
}

static bool is_choice(const struct shape *s, const char *text)
{
    for (int i = 0; s->choices[i]; i++)
        if (strcmp(s->choices[i], text) == 0)
            return true;
    return false;
}

static void check_length(struct check *c, const struct shape *s, const char *path,
                         const json_t *value, int64_t length)
{
    if (length < s->min)
        detect(c, s, path, value, "Member must have length greater than or equal to %lld",
               (long long)s->min);
    if (s->max && length > s->max)
        detect(c, s, path, value, "Member must have length less than or equal to %lld",
               (long long)s->max);
}

static void check_string(struct check *c, const struct shape *s, const char *path,
                         const json_t *value)
{
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    int64_t length;

    if (!text) {
        wrong_type(c, path, "a text");
        return;
    }
    length = (int64_t)utf8_length(text, size);
    check_length(c, s, path, value, length);
    if (s->choices && !is_choice(s, text))
        detect(c, s, path, value, "Member must satisfy enum value set: [%s]", choice_list(c, s));
    /* No pattern is matched against more than the model lets in. */
    if (s->pattern && (!s->max || length <= s->max) &&
        !aws_pattern_match(c->patterns, s->pattern, text, size))
        detect(c, s, path, value, "Member must satisfy regular expression pattern: %s", s->pattern);
    if (s->fits && (!s->max || length <= s->max) && !s->fits(text))
        detect(c, s, path, value, "Member must be %s", s->rule);
}

/* ---- numbers ---- */

static void check_integer(struct check *c, const struct shape *s, const char *path,
                          const json_t *value)
{
    double number = json_number_value(value);

    if (!json_is_number(value) || number != floor(number) || fabs(number) > INT32_MAX) {
        wrong_type(c, path, "a whole number");
        return;
    }
    if (number < (double)s->min)
        detect(c, s, path, value, "Member must have value greater than or equal to %lld",
               (long long)s->min);
    if (s->max && number > (double)s->max)
        detect(c, s, path, value, "Member must have value less than or equal to %lld",
               (long long)s->max);
}

static bool two_digits(const char *p, int *out)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return false;
    *out = (p[0] - '0') * 10 + p[1] - '0';
    return true;
}

/* Behind the seconds: ".123", and Z or +01:00. */
static bool parse_rest(const char *p, int64_t *us)
{
    int64_t unit = SECOND_US / 10;
    int hours, minutes;

    if (*p == '.' || *p == ',')
        for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
            *us += (*p - '0') * unit;
    if ((*p == 'Z' || *p == 'z') && !p[1])
        return true;
    if ((*p != '+' && *p != '-') || !two_digits(p + 1, &hours) || p[3] != ':' ||
        !two_digits(p + 4, &minutes) || p[6] || hours > 23 || minutes > 59)
        return false;
    *us += (*p == '+' ? -1 : 1) * (hours * 60 + minutes) * 60 * SECOND_US;
    return true;
}

static bool parse_text(const char *text, int64_t *us)
{
    static const char form[] = "0000-00-00T00:00:00";
    struct tm tm = {0};
    int century = 0, v[6] = {0};

    for (int i = 0; form[i]; i++) {
        bool separates =
            text[i] == form[i] || (form[i] == 'T' && (text[i] == 't' || text[i] == ' '));

        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : !separates)
            return false;
    }
    two_digits(text, &century);
    for (int i = 0; i < 6; i++)
        two_digits(text + (i ? 2 + 3 * i : 2), &v[i]);
    if (v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 23 || v[4] > 59 || v[5] > 60)
        return false;
    tm.tm_year = century * 100 + v[0] - 1900;
    tm.tm_mon = v[1] - 1;
    tm.tm_mday = v[2];
    tm.tm_hour = v[3];
    tm.tm_min = v[4];
    tm.tm_sec = v[5];
    *us = (int64_t)timegm(&tm) * SECOND_US;
    return parse_rest(text + sizeof form - 1, us);
}

bool aws_timestamp_parse(const json_t *value, int64_t *us)
{
    const char *text = json_string_value(value);
    double seconds = json_number_value(value);
    char *end;

    if (text && parse_text(text, us))
        return true;
    if (text) {
        seconds = strtod(text, &end);
        if (!*text || *end || strspn(text, "0123456789.-") != strlen(text))
            return false;
    } else if (!json_is_number(value)) {
        return false;
    }
    if (!(fabs(seconds) < 1e11)) /* the year 5138 */
        return false;
    *us = json_is_integer(value) ? json_integer_value(value) * SECOND_US
                                 : llround(seconds * (double)SECOND_US);
    return true;
}

/* ---- structures ---- */

static void check_value(struct check *c, const struct shape *s, const char *path, json_t *value);

static const struct shape_member *member_of(const struct shape *s, const char *name)
{
    for (const struct shape_member *m = s->members; m->name; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

static void check_structure(struct check *c, const struct shape *s, const char *path, json_t *value)
{
    const char *name;
    json_t *inner;
    void *next;

    if (!json_is_object(value)) {
        wrong_type(c, path, "an object");
        return;
    }
    json_object_foreach_safe(value, next, name,
                             inner) if (json_is_null(inner) || !member_of(s, name))
        json_object_del(value, name);
    for (const struct shape_member *m = s->members; m->name; m++) {
        const char *at = path_join(c, path, m->name);

        inner = json_object_get(value, m->name);
        if (inner)
            check_value(c, m->shape, at, inner);
        else if (m->required)
            detect(c, m->shape, at, NULL, "Member must not be null");
    }
}

static void check_list(struct check *c, const struct shape *s, const char *path, json_t *value)
{
    json_t *inner;
    size_t i;

    if (!json_is_array(value)) {
        wrong_type(c, path, "a list");
        return;
    }
    check_length(c, s, path, value, (int64_t)json_array_size(value));
    if (s->max && json_array_size(value) > (size_t)s->max)
        return;
    json_array_foreach(value, i, inner)
        check_value(c, s->of, arena_printf(c->arena, "%s.%zu.member", path, i + 1), inner);
}

static void check_map(struct check *c, const struct shape *s, const char *path, json_t *value)
{
    const char *name;
    json_t *inner;

    if (!json_is_object(value)) {
        wrong_type(c, path, "an object");
        return;
    }
    check_length(c, s, path, value, (int64_t)json_object_size(value));
    if (s->max && json_object_size(value) > (size_t)s->max)
        return;
    json_object_foreach(value, name, inner)
    {
        json_t *key = json_string(name);

        check_value(c, s->key, path, key);
        check_value(c, s->of, path_join(c, path, name), inner);
        json_decref(key);
    }
}

static void check_value(struct check *c, const struct shape *s, const char *path, json_t *value)
{
    int64_t us;

    switch (s->kind) {
    case SHAPE_STRING:
        check_string(c, s, path, value);
        break;
    case SHAPE_INTEGER:
        check_integer(c, s, path, value);
        break;
    case SHAPE_TIMESTAMP:
        if (!aws_timestamp_parse(value, &us))
            wrong_type(c, path, "a time: seconds since 1970, or RFC 3339");
        break;
    case SHAPE_STRUCTURE:
        check_structure(c, s, path, value);
        break;
    case SHAPE_LIST:
        check_list(c, s, path, value);
        break;
    case SHAPE_MAP:
        check_map(c, s, path, value);
        break;
    }
}

bool aws_model_check(const struct aws_patterns *p, const struct shape *shape, json_t *value,
                     struct arena *a, const char **message, struct error *err)
{
    struct check c = {.patterns = p, .arena = a};

    buf_init(&c.message, MESSAGE_MAX);
    check_value(&c, shape, "", value);
    if (c.wrong_type) {
        buf_release(&c.message);
        *message = c.wrong_type;
        return error_set(err, 400, "SerializationException", "", "%s", *message);
    }
    if (c.detected)
        *message = arena_printf(a, "%d validation error%s detected: %s", c.detected,
                                c.detected > 1 ? "s" : "", c.message.data ? c.message.data : "");
    buf_release(&c.message);
    return !c.detected || error_set(err, 400, "ValidationException", "", "%s", *message);
}
