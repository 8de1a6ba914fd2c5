/* child.c - starting this program again as a worker behind two pipes. */
#include "plumbline/engine/child.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/sanitized.h"
#include "plumbline/learn/child.h"
#include "plumbline/media/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static atomic_llong running, started, failed, peak_bytes;

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

static bool is_set(const char *const *settings, const char *entry)
{
    for (; *settings; settings++)
        if (strncmp(*settings, entry, (size_t)(strchr(*settings, '=') - *settings) + 1) == 0)
            return true;
    return false;
}

/* Our environment with what a learning child needs in place of what we have of it. The texts are
 * borrowed; the caller frees the array. */
static char **child_environment(void)
{
    const char *const *settings = learn_child_environment();
    size_t most = 1, n = 0;
    char **out;

    for (size_t i = 0; settings[i]; i++)
        most++;
    for (size_t i = 0; environ[i]; i++)
        most++;
    out = must_alloc(most * sizeof *out);
    for (size_t i = 0; settings[i]; i++)
        out[n++] = (char *)settings[i];
    for (size_t i = 0; environ[i]; i++)
        if (!is_set(settings, environ[i]))
            out[n++] = environ[i];
    return out;
}

static bool spawn(struct child *c, const char *kind, int64_t memory, int in, int out)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    char limit[32];
    char **environment = child_environment();
    char *argv[] = {"plumbline", "__child", (char *)kind, limit, NULL};
    int rc;

    snprintf(limit, sizeof limit, "%lld", (long long)memory);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults); /* the service blocks signals that a child must get */
    posix_spawnattr_setsigmask(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    rc = posix_spawn(&c->pid, "/proc/self/exe", &files, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    free(environment);
    errno = rc;
    return rc == 0;
}

bool child_start(struct child *c, const char *kind, int64_t memory, struct error *err)
{
    int down[2] = {-1, -1}, up[2] = {-1, -1};

    if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0 ||
        !spawn(c, kind, memory, down[0], up[1])) {
        error_system(err, "A %s process cannot be started", kind);
        close_pair(down);
        close_pair(up);
        return false;
    }
    close(down[0]);
    close(up[1]);
    atomic_fetch_add(&running, 1);
    atomic_fetch_add(&started, 1);
    c->to = down[1];
    c->from = up[0];
    return true;
}

void child_finish(struct child *c, bool *clean)
{
    struct rusage used = {0};
    int status = -1;
    long long peak;
    bool well;

    close(c->to);
    close(c->from);
    while (wait4(c->pid, &status, 0, &used) < 0 && errno == EINTR)
        ;
    well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (clean)
        *clean = well;
    atomic_fetch_sub(&running, 1);
    atomic_fetch_add(&failed, !well);
    peak = atomic_load(&peak_bytes);
    while (used.ru_maxrss * 1024LL > peak &&
           !atomic_compare_exchange_weak(&peak_bytes, &peak, used.ru_maxrss * 1024LL))
        ;
}

void child_numbers(struct child_numbers *out)
{
    *out = (struct child_numbers){.running = atomic_load(&running),
                                  .started = atomic_load(&started),
                                  .failed = atomic_load(&failed),
                                  .peak_bytes = atomic_load(&peak_bytes)};
}

void child_kill(struct child *c)
{
    kill(c->pid, SIGKILL);
    child_finish(c, NULL);
}

int child_main(int argc, char **argv)
{
    const char *kind = argc > 2 ? argv[2] : "";
    int64_t memory = argc > 3 ? strtoll(argv[3], NULL, 10) : 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* Ctrl+C at a terminal is for the service, which then ends us */
    if (memory > 0 && !SANITIZED) { /* a limit would forbid what a sanitizer reserves */
        struct rlimit limit = {(rlim_t)memory, (rlim_t)memory};

        setrlimit(RLIMIT_AS, &limit);
    }
    if (strcmp(kind, "media") == 0)
        return media_child_probe(0, 1);
    if (strcmp(kind, "features") == 0)
        return learn_child_features(0, 1);
    if (strcmp(kind, "round") == 0)
        return learn_child_round(0, 1);
    fprintf(stderr, "plumbline: there is no child \"%s\"\n", kind);
    return 2;
}
