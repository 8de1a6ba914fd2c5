/* pattern.c - the wall around PCRE2: the model's patterns, compiled once, matched against whole
 * texts with a bound on the work. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "model.h"

#include <stdlib.h>
#include <string.h>

enum { PATTERNS_MAX = 64, STEPS_MAX = 1000000, HEAP_KIB = 20000 };

struct aws_patterns {
    int n;
    struct {
        const char *text;
        pcre2_code *code;
    } v[PATTERNS_MAX];
    pcre2_match_context *limits; /* only read while matching */
};

static pcre2_code *find(const struct aws_patterns *p, const char *pattern)
{
    for (int i = 0; i < p->n; i++)
        if (p->v[i].text == pattern || strcmp(p->v[i].text, pattern) == 0)
            return p->v[i].code;
    return NULL;
}

static bool add(struct aws_patterns *p, const char *pattern, struct error *err)
{
    PCRE2_SIZE at;
    int why;
    pcre2_code *code;

    if (find(p, pattern))
        return true;
    if (p->n == PATTERNS_MAX)
        return error_internal(err, "The model has too many patterns.");
    /* \uD7FF as Java and JavaScript write it; the same pattern stands in errors. */
    code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_ALT_BSUX |
                             PCRE2_DOLLAR_ENDONLY,
                         &why, &at, NULL);
    if (!code)
        return error_internal(err, "The pattern %s does not compile.", pattern);
    p->v[p->n].text = pattern;
    p->v[p->n++].code = code;
    return true;
}

static bool add_shape(struct aws_patterns *p, const struct shape *s, struct error *err)
{
    if (s->pattern && !add(p, s->pattern, err))
        return false;
    if (s->of && !add_shape(p, s->of, err))
        return false;
    if (s->key && !add_shape(p, s->key, err))
        return false;
    for (const struct shape_member *m = s->members; m && m->name; m++)
        if (!add_shape(p, m->shape, err))
            return false;
    return true;
}

struct aws_patterns *aws_patterns_new(const struct shape *const *shapes, size_t n,
                                      struct error *err)
{
    struct aws_patterns *p = must_alloc(sizeof *p);

    p->limits = pcre2_match_context_create(NULL);
    if (!p->limits)
        abort(); /* no memory, as must_alloc */
    pcre2_set_match_limit(p->limits, STEPS_MAX);
    pcre2_set_heap_limit(p->limits, HEAP_KIB);
    for (size_t i = 0; i < n; i++) {
        if (shapes[i] && !add_shape(p, shapes[i], err)) {
            aws_patterns_free(p);
            return NULL;
        }
    }
    return p;
}

void aws_patterns_free(struct aws_patterns *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->n; i++)
        pcre2_code_free(p->v[i].code);
    pcre2_match_context_free(p->limits);
    free(p);
}

bool aws_pattern_match(const struct aws_patterns *p, const char *pattern, const char *text,
                       size_t size)
{
    pcre2_code *code = find(p, pattern);
    pcre2_match_data *data = code ? pcre2_match_data_create(1, NULL) : NULL;
    bool matches;

    if (!data)
        return false;
    matches = pcre2_match(code, (PCRE2_SPTR)text, size, 0, 0, data, p->limits) >= 0;
    pcre2_match_data_free(data);
    return matches;
}
