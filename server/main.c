/* main.c - `plumbline COMMAND`. */
#include "plumbline/api/api.h"
#include "plumbline/cli/commands.h"
#include "plumbline/engine/child.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int command_version(int argc, char **argv)
{
    (void)argc, (void)argv;
    printf("plumbline %s\n", api_version());
    return 0;
}

static const struct {
    const char *name, *help;
    int       (*run)(int argc, char **argv);
} commands[] = {
    {"serve", "run the service", command_serve},
    {"log", "see and change what a running service logs", command_log},
    {"user", "add and list people", command_user},
    {"key", "make a token for scripts", command_key},
    {"import", "bring items into a job", command_import},
    {"export", "write a job's labels", command_export},
    {"consolidate", "many answers to one label, from a file", command_consolidate},
    {"simulate", "what the learning loop would save on a labelled manifest", command_simulate},
    {"train", "train a model on a labelled manifest", command_train},
    {"predict", "label a manifest with a model", command_predict},
    {"work", "do what waits, without serving anybody", command_work},
    {"backup", "write database and pictures to one archive", command_backup},
    {"restore", "put a backup into a data folder", command_restore},
    {"doctor", "look whether everything is in order, and say what to do", command_doctor},
    {"version", "print the version", command_version},
};

static void help(FILE *out)
{
    fprintf(out, "usage: plumbline COMMAND [FLAGS] [ARGUMENTS]\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\n`plumbline COMMAND --help` tells more. Every flag --some-flag can also be given "
                 "as\nPLUMBLINE_SOME_FLAG in the environment.\n");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "__child") == 0) /* before anything that a child does not need */
        return child_main(argc, argv);
    if (sodium_init() < 0) {
        fputs("plumbline: libsodium cannot be started\n", stderr);
        return 1;
    }
    json_object_seed(0);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0)
        return command_version(argc, argv);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "plumbline: there is no command \"%s\"\n", name);
    help(stderr);
    return 2;
}
