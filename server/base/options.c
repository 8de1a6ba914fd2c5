/* options.c - flags and their environment, from one table. */
#include "plumbline/base/options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAG_NAME_SIZE = 64 };

static bool usage_error(struct error *err, const char *flag, const char *why, const char *value)
{
    return error_set(err, 2, "usage", flag, "%s %s%s%s%s", flag, why, value ? " (got \"" : "",
                     value ? value : "", value ? "\")" : "");
}

static bool parse_bytes(const char *text, double *out)
{
    static const char suffixes[] = "KMGT";
    const char *at;
    char *end;
    double v = strtod(text, &end);

    if (end == text)
        return false;
    if (*end && (at = strchr(suffixes, toupper((unsigned char)*end)))) {
        v *= pow(1024, (double)(at - suffixes) + 1);
        end++;
        if (toupper((unsigned char)*end) == 'B')
            end++;
    }
    *out = v;
    return *end == '\0';
}

static bool parse_switch(const char *text, bool *out)
{
    static const char *const yes[] = {"1", "true", "yes", "on"}, *const no[] = {"0", "false", "no",
                                                                                "off"};

    for (size_t i = 0; i < 4; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *out = strcmp(text, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

static bool in_range(const struct option_spec *o, double v, const char *flag, struct error *err)
{
    if ((o->min == 0 && o->max == 0) || (v >= o->min && v <= o->max))
        return true;
    return error_set(err, 2, "usage", flag, "%s must be from %.10g to %.10g, not %.10g", flag,
                     o->min, o->max, v);
}

static bool store_number(const struct option_spec *o, const char *value, const char *flag,
                         struct error *err)
{
    char *end;
    double v;

    errno = 0;
    if (o->kind == OPTION_BYTES) {
        if (!parse_bytes(value, &v))
            return usage_error(err, flag, "takes a size such as 20M", value);
    } else {
        v = o->kind == OPTION_INT ? (double)strtoll(value, &end, 10) : strtod(value, &end);
        if (end == value || *end || errno || !isfinite(v))
            return usage_error(err, flag, o->kind == OPTION_INT ? "takes a whole number"
                                                               : "takes a number", value);
    }
    if (!in_range(o, v, flag, err))
        return false;
    if (o->kind == OPTION_REAL)
        *(double *)o->to = v;
    else
        *(int64_t *)o->to = o->kind == OPTION_INT ? strtoll(value, NULL, 10) : (int64_t)v;
    return true;
}

static bool store(const struct option_spec *o, const char *value, const char *flag,
                  struct error *err)
{
    switch (o->kind) {
    case OPTION_TEXT:
        *(const char **)o->to = value;
        return true;
    case OPTION_INT:
    case OPTION_REAL:
    case OPTION_BYTES:
        return store_number(o, value, flag, err);
    case OPTION_SWITCH:
        return parse_switch(value, o->to) || usage_error(err, flag, "takes yes or no", value);
    case OPTION_CHOICE:
        for (int i = 0; o->choices[i]; i++) {
            if (strcmp(value, o->choices[i]) == 0) {
                *(int *)o->to = i;
                return true;
            }
        }
        return usage_error(err, flag, "does not know that value", value);
    case OPTION_END:
        break;
    }
    return error_internal(err, "%s has no kind", flag);
}

static const struct option_spec *find(const struct option_spec *table, const char *name, size_t n)
{
    for (; table->kind != OPTION_END; table++)
        if (strlen(table->name) == n && strncmp(table->name, name, n) == 0)
            return table;
    return NULL;
}

static bool read_environment(const struct option_spec *table, struct error *err)
{
    for (; table->kind != OPTION_END; table++) {
        char name[FLAG_NAME_SIZE];
        size_t n = (size_t)snprintf(name, sizeof name, "PLUMBLINE_%s", table->name);
        const char *value;

        for (size_t i = 0; i < n && i < sizeof name; i++)
            name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
        value = getenv(name);
        if (value && !store(table, value, name, err))
            return false;
    }
    return true;
}

static bool read_flag(const struct option_spec *table, int argc, char **argv, int *i,
                      struct error *err)
{
    const char *arg = argv[*i], *equals = strchr(arg, '='), *value;
    size_t n = equals ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
    const struct option_spec *o = find(table, arg + 2, n);
    char flag[FLAG_NAME_SIZE];

    snprintf(flag, sizeof flag, "--%.*s", (int)(n < 60 ? n : 60), arg + 2);
    if (!o)
        return error_set(err, 2, "usage", flag, "There is no flag %s here; see --help", flag);
    if (equals)
        value = equals + 1;
    else if (o->kind == OPTION_SWITCH)
        value = "yes";
    else if (*i + 1 < argc)
        value = argv[++*i];
    else
        return usage_error(err, flag, "needs a value", NULL);
    return store(o, value, flag, err);
}

bool options_parse(const struct option_spec *table, int argc, char **argv,
                   struct arguments *arguments, struct error *err)
{
    bool only_positional = false;
    int n = 0;

    memset(arguments, 0, sizeof *arguments);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            arguments->help = true;
            return true;
        }
    if (!read_environment(table, err))
        return false;
    for (int i = 1; i < argc; i++) {
        if (!only_positional && strcmp(argv[i], "--") == 0)
            only_positional = true;
        else if (!only_positional && strncmp(argv[i], "--", 2) == 0) {
            if (!read_flag(table, argc, argv, &i, err))
                return false;
        } else {
            argv[n++] = argv[i]; /* n <= i: never overtakes the reader */
        }
    }
    arguments->v = (const char **)argv;
    arguments->n = n;
    for (; table->kind != OPTION_END; table++)
        if (table->required && table->kind == OPTION_TEXT && !*(const char **)table->to)
            return error_set(err, 2, "usage", table->name, "--%s %s is missing", table->name,
                             table->value_name ? table->value_name : "VALUE");
    return true;
}

void options_help(const struct option_spec *table, const char *synopsis, const char *text)
{
    printf("usage: plumbline %s\n\n%s\n", synopsis, text);
    if (table->kind != OPTION_END)
        puts("");
    for (; table->kind != OPTION_END; table++) {
        char flag[FLAG_NAME_SIZE];

        snprintf(flag, sizeof flag, "--%s%s%s", table->name, table->value_name ? " " : "",
                 table->value_name ? table->value_name : "");
        printf("  %-32s %s\n", flag, table->help);
        for (int i = 0; table->kind == OPTION_CHOICE && table->choices[i]; i++)
            printf("  %-32s   %s\n", "", table->choices[i]);
    }
}
