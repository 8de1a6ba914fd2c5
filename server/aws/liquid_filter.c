/* liquid_filter.c - finding a filter, and what filters share. */
#include "liquid_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct liquid_filter *liquid_filter_find(const char *name, size_t size)
{
    static const struct liquid_filter *const tables[] = {
        liquid_html_filters, liquid_text_filters,   liquid_cut_filters,
        liquid_list_filters, liquid_number_filters, liquid_date_filters};

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct liquid_filter *f = tables[i]; f->name; f++)
            if (liquid_is(name, size, f->name))
                return f;
    return NULL;
}

bool liquid_refuse(struct liquid *r, const char *format, ...)
{
    char words[200];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    liquid_error(r, r->at, "ArgumentError", "%s", words);
    return false;
}

struct liquid_value liquid_arg_text(struct liquid *r, const struct liquid_value *args, int n, int i,
                                    const char *otherwise)
{
    return i < n ? liquid_text(r, &args[i]) : liquid_of_text(otherwise, strlen(otherwise));
}

int64_t liquid_arg_int(const struct liquid_value *args, int n, int i, int64_t otherwise)
{
    struct liquid_value number;
    int64_t whole = otherwise;

    if (i >= n)
        return otherwise;
    number = liquid_number(&args[i]);
    liquid_whole(&number, &whole);
    return whole;
}
