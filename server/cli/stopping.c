/* stopping.c - see stopping.h. */
#include "stopping.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/base/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { FLUSH_MS = 200 };

static sem_t asked;
static atomic_bool allowed;
static int arrived[2];

static void change_level(int by)
{
    int level = (int)log_get_level() + by;

    if (level < LOG_DEBUG || level > LOG_ERROR)
        return;
    log_set_level((enum log_level)level);
}

static void end_now(int status)
{
    log_flush(FLUSH_MS);
    _exit(status);
}

/* A handler instead of blocking and waiting: OpenBLAS has started threads before main, which block
 * nothing and would take the signal's default action for all of us. */
static void on_signal(int number)
{
    int kept = errno;
    char byte = (char)number;

    if (write(arrived[1], &byte, 1) < 0) /* full: enough of them are there to be seen */
        errno = kept;
    errno = kept;
}

/* The next signal to stop, or 0 when `seconds` are over; -1 waits for ever. */
static int next_signal(int seconds)
{
    int64_t until = clock_monotonic_us() + seconds * SECOND_US;

    for (;;) {
        int64_t left = until - clock_monotonic_us();
        struct pollfd p = {.fd = arrived[0], .events = POLLIN};
        char got = 0;

        if (seconds >= 0 && left <= 0)
            return 0;
        if (poll(&p, 1, seconds < 0 ? -1 : (int)(left / 1000) + 1) != 1 ||
            read(arrived[0], &got, 1) != 1)
            continue;
        if (got == SIGUSR1 || got == SIGUSR2)
            change_level(got == SIGUSR1 ? -1 : 1);
        else
            return got;
    }
}

static void *listen_to_signals(void *context)
{
    bool in_order;

    (void)context;
    next_signal(-1);
    notify_send("STOPPING=1\nSTATUS=stopping");
    log_info("stopping");
    in_order = atomic_load(&allowed);
    if (!in_order)
        end_now(0);
    sem_post(&asked);
    if (next_signal(STOP_SECONDS)) {
        log_warn("stopping at once, as told twice");
        end_now(0);
    }
    log_error("not everything has come to its end within %d seconds; it goes on at the next start",
              STOP_SECONDS);
    end_now(0);
    return NULL;
}

bool stopping_start(struct error *err)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    pthread_t thread;

    sem_init(&asked, 0, 0);
    if (pipe2(arrived, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_system(err, "No pipe for signals");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is a full disk, not an end */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
    if (pthread_create(&thread, NULL, listen_to_signals, NULL) != 0)
        return error_internal(err, "The thread for signals cannot be started.");
    pthread_setname_np(thread, "signals");
    pthread_detach(thread);
    return true;
}

void stopping_allowed(void)
{
    atomic_store(&allowed, true);
}

void stopping_wait(void)
{
    while (sem_wait(&asked) != 0)
        ;
}
