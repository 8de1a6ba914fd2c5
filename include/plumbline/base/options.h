/* options.h - a command's flags are one table: parsing, environment, ranges and --help from it.
 *
 * `--some-flag VALUE` or `--some-flag=VALUE`; where it is not given, the environment variable
 * PLUMBLINE_SOME_FLAG; where that is not set either, the member keeps what the caller put there.
 */
#ifndef PLUMBLINE_BASE_OPTIONS_H
#define PLUMBLINE_BASE_OPTIONS_H

#include "plumbline/base/error.h"

#include <stddef.h>

enum option_kind {
    OPTION_END,
    OPTION_TEXT,   /* const char *  */
    OPTION_INT,    /* int64_t       */
    OPTION_REAL,   /* double        */
    OPTION_BYTES,  /* int64_t; accepts K, M, G (powers of 1024) */
    OPTION_SWITCH, /* bool; takes no value; in the environment 1/true/yes/on or 0/false/no/off */
    OPTION_CHOICE, /* int, index into choices */
};

struct option_spec {
    const char       *name; /* without the dashes */
    enum option_kind  kind;
    void             *to;
    double            min, max; /* INT, REAL, BYTES; 0, 0 = no limit */
    const char *const *choices; /* CHOICE; NULL-terminated */
    bool              required;
    const char       *value_name; /* for --help: DIR, FILE, N */
    const char       *help;
};

struct arguments {
    const char **v; /* the positional arguments, borrowed from argv */
    int          n;
    bool         help; /* --help or -h was given; nothing else was checked */
};

/* Parses argv[1..]; arguments->v points into a reordered argv. On failure: status 2, code
 * "usage", field = the flag. */
bool options_parse(const struct option_spec *table, int argc, char **argv,
                   struct arguments *arguments, struct error *err);

/* Prints "usage: plumbline SYNOPSIS", the text and a line per flag to standard output. */
void options_help(const struct option_spec *table, const char *synopsis, const char *text);

#endif
