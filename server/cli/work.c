/* work.c - `plumbline work`: the engine without HTTP. */
#include "begin.h"
#include "buckets.h"
#include "plumbline/base/log.h"
#include "plumbline/cli/commands.h"
#include "plumbline/engine/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Until a signal comes or, when asked, nothing is left to do. */
static bool wait_for_end(struct service *s, bool until_idle, const sigset_t *signals,
                         struct error *err)
{
    const struct timespec look = {.tv_nsec = 200 * 1000000L};

    for (;;) {
        bool idle = false;

        if (sigtimedwait(signals, NULL, &look) > 0) {
            log_info("stopping");
            return true;
        }
        if (errno != EAGAIN && errno != EINTR)
            return error_system(err, "Waiting failed");
        if (!until_idle)
            continue;
        if (!service_idle(s, &idle, err))
            return false;
        if (idle) {
            log_info("nothing is left to do");
            return true;
        }
    }
}

static bool run(const struct service_config *config, bool until_idle, const sigset_t *signals,
                struct error *err)
{
    struct service *s = service_open(config, err);
    bool ok = s && service_run(s, err) && wait_for_end(s, until_idle, signals, err);

    service_close(s);
    return ok;
}

static const struct command_form work_form = {
    .synopsis = "work [FLAGS]",
    .help =
        "Does what waits in the data folder (imports, merging answers, auto-labelling,\n"
        "exports) without serving anybody, until SIGINT or SIGTERM. Only while no service\n"
        "runs on the folder.",
};

int command_work(int argc, char **argv)
{
    /* Nobody is there to take an answer back: none waits for it. */
    struct service_config config = {.data_dir = "plumbline-data",
                                    .child_memory = INT64_C(8) << 30};
    bool until_idle = false;
    int log_level = LOG_INFO;
    struct buckets buckets = {0};
    const struct option_spec own[] = {
        DATA_OPTION(&config.data_dir),
        {.name = "until-idle", .kind = OPTION_SWITCH, .to = &until_idle,
         .help = "End when nothing is left to do"},
        {.name = "child-memory", .kind = OPTION_BYTES, .to = &config.child_memory,
         .value_name = "SIZE", .help = "Most memory of a learning process; 8G, 0 = no limit"},
        {.name = "log-level", .kind = OPTION_CHOICE, .to = &log_level,
         .choices = log_level_names, .value_name = "LEVEL", .help = "info unless told"},
        {.kind = OPTION_END}};
    struct option_spec options[sizeof own / sizeof *own + BUCKET_OPTIONS];
    struct arguments args;
    struct error err = {0};
    int status;
    sigset_t signals;

    buckets_options(own, &buckets, options);
    if (!command_begin(&work_form, options, argc, argv, &args, &status))
        return status;
    if (!buckets_config(&buckets, &config, &err))
        return command_fail("work", &err);
    log_set_level((enum log_level)log_level);
    block_signals(&signals);
    return run(&config, until_idle, &signals, &err) ? 0 : command_fail("work", &err);
}
