/* log_sink.c - the one thread that writes the log.
 *
 * It sleeps until somebody logs, gives others GATHER_MS to join, and writes what has come in pieces
 * as large as can be written without blocking: all at once into a file, PIPE_BUF bytes (which poll
 * promises room for) into a pipe or a terminal. Where there is no room it waits for it, the ring
 * fills up meanwhile, and what finds no place is dropped and counted. */
#include "log_sink.h"

#include "log_ring.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { GATHER_MS = 10, OUT_SIZE = 64 * 1024, STOP_MS = 1000 };

enum sink_kind { SINK_FILE, SINK_SOCKET, SINK_PIPE };

static struct {
    struct log_ring ring;
    pthread_t       thread;
    sem_t           wake;
    atomic_bool     runs, asleep, hurry, stop;
    _Atomic int64_t give_up_us; /* monotonic; 0: wait for the reader as long as it takes */
    atomic_size_t   written;    /* entries that have left, or were given up */
    atomic_ullong   dropped, lines[LOG_LEVELS];
    enum sink_kind  kind;
    bool            journal;
    /* the thread's own */
    char           *out;
    size_t          used;
    unsigned long long told; /* of dropped */
} sink;

/* ---- those who log ---- */

bool log_sink_runs(void)
{
    return atomic_load_explicit(&sink.runs, memory_order_relaxed);
}

static void wake(void)
{
    if (atomic_load(&sink.asleep) && atomic_exchange(&sink.asleep, false))
        sem_post(&sink.wake);
}

static void drop(char *message)
{
    free(message);
    atomic_fetch_add_explicit(&sink.dropped, 1, memory_order_relaxed);
}

void log_sink_take(enum log_level level, int64_t at_us, char *message)
{
    size_t turn;
    struct log_slot *slot = log_ring_claim(&sink.ring, &turn);

    if (!slot) {
        drop(message);
        return;
    }
    slot->entry.at_us = at_us;
    slot->entry.level = level;
    slot->entry.message = message;
    log_ring_publish(slot, turn);
    wake();
}

void log_sink_take_request(const struct log_request *r, enum log_level level)
{
    size_t turn;
    struct log_slot *slot = log_ring_claim(&sink.ring, &turn);

    if (!slot) {
        drop(NULL);
        return;
    }
    slot->entry.at_us = clock_now_us();
    slot->entry.level = level;
    slot->entry.message = NULL;
    log_entry_take(&slot->entry, r);
    log_ring_publish(slot, turn);
    wake();
}

/* ---- the thread ---- */

static void pause_ms(int ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

    nanosleep(&t, NULL);
}

/* True when there is room; false when the time to wait for it is over. */
static bool wait_for_room(void)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

    while (poll(&p, 1, 100) == 0) {
        int64_t until = atomic_load(&sink.give_up_us);

        if (until && clock_monotonic_us() > until)
            return false;
    }
    return true;
}

static ssize_t write_some(const char *bytes, size_t size)
{
    if (sink.kind == SINK_SOCKET)
        return send(STDERR_FILENO, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sink.kind == SINK_PIPE && size > PIPE_BUF) { /* whole lines, where they fit */
        const char *cut = memrchr(bytes, '\n', PIPE_BUF);

        size = cut ? (size_t)(cut - bytes) + 1 : PIPE_BUF;
    }
    return write(STDERR_FILENO, bytes, size);
}

static void write_out(void)
{
    size_t done = 0;

    while (done < sink.used) {
        ssize_t n;

        if (sink.kind != SINK_FILE && !wait_for_room())
            break;
        n = write_some(sink.out + done, sink.used - done);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            break; /* nobody reads, or the disk is full: what stands here is lost */
        done += n > 0 ? (size_t)n : 0;
    }
    sink.used = 0;
}

static void put(const struct log_entry *e)
{
    if (sink.used + LOG_LINE_MAX > OUT_SIZE)
        write_out();
    sink.used += log_entry_write(e, log_get_format(), sink.journal, sink.out + sink.used);
    atomic_fetch_add_explicit(&sink.lines[e->level], 1, memory_order_relaxed);
}

static void tell_dropped(void)
{
    unsigned long long dropped = atomic_load_explicit(&sink.dropped, memory_order_relaxed);
    char text[128];
    struct log_entry e = {.level = LOG_WARN, .at_us = clock_now_us(), .message = text};

    if (dropped == sink.told)
        return;
    snprintf(text, sizeof text, "%llu log lines were dropped: standard error is read too slowly",
             dropped - sink.told);
    sink.told = dropped;
    put(&e);
}

static size_t drain(void)
{
    struct log_entry *e;
    size_t n = 0;

    while ((e = log_ring_peek(&sink.ring))) {
        put(e);
        free(e->message);
        log_ring_drop(&sink.ring);
        n++;
    }
    tell_dropped();
    write_out();
    atomic_fetch_add(&sink.written, n);
    return n;
}

static void sleep_until_woken(void)
{
    atomic_store(&sink.asleep, true);
    if ((log_ring_peek(&sink.ring) || atomic_load(&sink.stop)) &&
        atomic_exchange(&sink.asleep, false))
        return;
    while (sem_wait(&sink.wake) != 0)
        ;
}

static void *sink_main(void *context)
{
    (void)context;
    for (;;) {
        bool last = atomic_load(&sink.stop);

        if (drain() > 0) {
            if (!atomic_exchange(&sink.hurry, false) && !last)
                pause_ms(GATHER_MS);
        } else if (last) {
            return NULL;
        } else {
            sleep_until_woken();
            if (!atomic_load(&sink.hurry) && !atomic_load(&sink.stop))
                pause_ms(GATHER_MS);
        }
    }
}

/* ---- start and stop ---- */

static void look_at_stderr(void)
{
    const char *journal = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;

    memset(&st, 0, sizeof st);
    sink.journal = false;
    sink.kind = SINK_PIPE;
    if (fstat(STDERR_FILENO, &st) != 0)
        return;
    sink.kind = S_ISREG(st.st_mode) ? SINK_FILE : S_ISSOCK(st.st_mode) ? SINK_SOCKET : SINK_PIPE;
    sink.journal = journal && sscanf(journal, "%llu:%llu", &device, &inode) == 2 &&
                   device == (unsigned long long)st.st_dev &&
                   inode == (unsigned long long)st.st_ino;
}

bool log_start(struct error *err)
{
    sigset_t all, before;
    bool ok;

    if (log_sink_runs())
        return true;
    look_at_stderr();
    log_ring_init(&sink.ring);
    sink.out = must_alloc(OUT_SIZE);
    sem_init(&sink.wake, 0, 0);
    atomic_store(&sink.asleep, false);
    atomic_store(&sink.stop, false);
    atomic_store(&sink.give_up_us, 0);
    atomic_store(&sink.written, 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    ok = pthread_create(&sink.thread, NULL, sink_main, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!ok) {
        free(sink.out);
        log_ring_release(&sink.ring);
        return error_internal(err, "The log's thread cannot be started.");
    }
    pthread_setname_np(sink.thread, "log");
    atomic_store(&sink.runs, true);
    return true;
}

static void hurry(void)
{
    atomic_store(&sink.hurry, true);
    wake();
}

void log_flush(int most_ms)
{
    size_t all = atomic_load(&sink.ring.tail);

    if (!log_sink_runs())
        return;
    for (int ms = 0; ms < most_ms && (ptrdiff_t)(all - atomic_load(&sink.written)) > 0; ms++) {
        hurry();
        pause_ms(1);
    }
}

void log_stop(void)
{
    if (!log_sink_runs())
        return;
    atomic_store(&sink.runs, false);
    atomic_store(&sink.give_up_us, clock_monotonic_us() + STOP_MS * 1000);
    atomic_store(&sink.stop, true);
    hurry();
    pthread_join(sink.thread, NULL);
    sem_destroy(&sink.wake);
    log_ring_release(&sink.ring);
    free(sink.out);
    sink.out = NULL;
}

void log_numbers(struct log_numbers *out)
{
    for (int i = 0; i < LOG_LEVELS; i++)
        out->lines[i] = atomic_load_explicit(&sink.lines[i], memory_order_relaxed);
    out->dropped = atomic_load_explicit(&sink.dropped, memory_order_relaxed);
}
