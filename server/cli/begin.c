/* begin.c - see begin.h. */
#include "begin.h"

#include "plumbline/cli/commands.h"

static bool check_words(const struct command_form *form, const struct arguments *args,
                        struct error *err)
{
    if (form->wanted && args->n != form->words)
        return error_set(err, 2, "usage", "", "%s", form->wanted);
    if (args->n > form->words)
        return error_set(err, 2, "usage", "", "\"%s\" is one word too many; see --help",
                         args->v[form->words]);
    return true;
}

bool command_begin(const struct command_form *form, const struct option_spec *options, int argc,
                   char **argv, struct arguments *args, int *status)
{
    const char *name = argv[0]; /* options_parse puts the words there */
    struct error err = {0};

    if (!options_parse(options, argc, argv, args, &err)) {
        *status = command_fail(name, &err);
        return false;
    }
    if (args->help) {
        options_help(options, form->synopsis, form->help);
        *status = 0;
        return false;
    }
    if (check_words(form, args, &err))
        return true;
    *status = command_fail(name, &err);
    return false;
}
