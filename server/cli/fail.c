/* fail.c - how every command says that it failed. */
#include "plumbline/cli/commands.h"

#include <stdio.h>

int command_fail(const char *command, const struct error *err)
{
    fprintf(stderr, "plumbline %s: %s\n", command, err->message);
    return err->status == 2 ? 2 : 1;
}
