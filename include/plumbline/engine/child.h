/* child.h - heavy and risky work in a process of its own: `plumbline __child KIND`.
 *
 * The child is this very program; it knows no database, speaks over two pipes, dies with its parent
 * and may be killed at any time.
 */
#ifndef PLUMBLINE_ENGINE_CHILD_H
#define PLUMBLINE_ENGINE_CHILD_H

#include "plumbline/base/error.h"

#include <stdint.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    int   to, from; /* pipes: what is written to `to` the child reads */
};

/* kind: "media", "features" or "round". memory: bytes of address space, 0 = no limit. */
bool child_start(struct child *c, const char *kind, int64_t memory, struct error *err);

/* Closes the pipes and waits. *clean: it ended with status 0. */
void child_finish(struct child *c, bool *clean);
void child_kill(struct child *c); /* SIGKILL, then as child_finish */

/* Counted since the start. */
struct child_numbers {
    int64_t running, started, failed; /* failed: killed, or ended with another status than 0 */
    int64_t peak_bytes;               /* resident memory of the largest one that has ended   */
};
void child_numbers(struct child_numbers *out);

/* What the child does with its life; for main. */
int child_main(int argc, char **argv);

#endif
