/* begin.h - what every command begins with: its flags, --help, and how many words go with them;
 * private to cli/. */
#ifndef CLI_BEGIN_H
#define CLI_BEGIN_H

#include "plumbline/base/options.h"

#include <limits.h>
#include <stdbool.h>

struct command_form {
    const char *synopsis, *help; /* as options_help prints them */
    int         words;           /* beside the flags, at the most */
    const char *wanted;          /* said unless there are exactly so many; NULL: fewer will do */
};

enum { ANY_WORDS = INT_MAX }; /* the command looks at them itself */

/* Reads argv. False when that was all: --help is printed, or standard error says what is wrong;
 * *status is then the exit status. */
bool command_begin(const struct command_form *form, const struct option_spec *options, int argc,
                   char **argv, struct arguments *args, int *status);

/* The flag that most of them have. */
#define DATA_OPTION(folder)                                                                        \
    {                                                                                              \
        .name = "data", .kind = OPTION_TEXT, .to = (folder), .value_name = "DIR",                  \
        .help = "Data folder; ./plumbline-data unless told"                                        \
    }

#endif
