/* test_child.c - a child is this program again: here it tells what environment it was given. */
#include "../check.h"
#include "plumbline/engine/child.h"

#include <stdlib.h>
#include <unistd.h>

extern char **environ;

/* In the child: its environment on descriptor 1, and nothing else. */
static int tell_environment(void)
{
    for (char **entry = environ; *entry; entry++)
        dprintf(STDOUT_FILENO, "%s\n", *entry);
    return 0;
}

static int count(const char *text, const char *line)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
        n++;
    return n;
}

static void test_environment(void)
{
    static char said[64 * 1024];
    struct error err = {0};
    struct child c;
    size_t size = 0;
    ssize_t n;
    bool clean;

    setenv("OPENBLAS_NUM_THREADS", "7", 1);
    setenv("PLUMBLINE_TEST_WORD", "kept", 1);
    CHECK("started", child_start(&c, "round", 0, &err));
    while ((n = read(c.from, said + size, sizeof said - 1 - size)) > 0)
        size += (size_t)n;
    child_finish(&c, &clean);
    CHECK("ended well", clean);
    CHECK_INT("OpenBLAS has one thread", count(said, "OPENBLAS_NUM_THREADS=1\n"), 1);
    CHECK_INT("in place of our own wish", count(said, "OPENBLAS_NUM_THREADS="), 1);
    CHECK_INT("the rest is as it was", count(said, "PLUMBLINE_TEST_WORD=kept\n"), 1);
    CHECK("all of it", size > 40 && strstr(said, "PATH=") != NULL);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "__child") == 0)
        return tell_environment();
    test_environment();
    return check_done();
}
