/* commands.h - the commands of `plumbline`, one function each.
 *
 * argv[0] is the command's name. Results go to standard output, progress and log to standard
 * error. Returns the exit status: 0 done, 1 it failed (one sentence on standard error says why and
 * what to do), 2 wrong usage.
 */
#ifndef PLUMBLINE_CLI_COMMANDS_H
#define PLUMBLINE_CLI_COMMANDS_H

#include "plumbline/base/error.h"

int command_serve(int argc, char **argv);
int command_log(int argc, char **argv);
int command_user(int argc, char **argv);
int command_key(int argc, char **argv);
int command_work(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_import(int argc, char **argv);
int command_export(int argc, char **argv);
int command_consolidate(int argc, char **argv);
int command_simulate(int argc, char **argv);
int command_train(int argc, char **argv);
int command_predict(int argc, char **argv);

/* Prints the error as one line on standard error; returns the exit status it means (1 or 2). */
int command_fail(const char *command, const struct error *err);

#endif
