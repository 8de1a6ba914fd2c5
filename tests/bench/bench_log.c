/* bench_log.c - what a request's line in the log costs: CPU of the whole process a line, with the thread
 * that writes, over the same loop without lines. Standard error goes into a file meanwhile. Prints
 * JSON for run.py; the yardstick is snprintf with clock_gettime and one write(2) a line, which is what
 * a logger without a thread of its own does. */
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, BURSTS = 250, BURST = 200 };

enum mode { NOTHING, OURS, PLAIN };

static int kind;

static void plain(int i)
{
    char line[512], stamp[CLOCK_TEXT_SIZE];
    int n = snprintf(line, sizeof line,
                     "time=%s level=info id=%016x method=GET route=/api/v1/jobs/{job}/next"
                     " path=/api/v1/jobs/job_1/next status=200 bytes=%d ms=%.3f person=person_%d"
                     " remote=127.0.0.1\n", clock_text(clock_now_us(), stamp), (unsigned)i, i, i / 1e3,
                     i);

    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        exit(1);
}

static void *work(void *context)
{
    const struct timespec pause = {.tv_nsec = 2000000};

    (void)context;
    for (int b = 0; b < BURSTS; b++) {
        for (int i = 0; i < BURST; i++) {
            if (kind == OURS)
                log_request(&(struct log_request){.id = "0123456789abcdef",
                                                  .method = "GET",
                                                  .route = "/api/v1/jobs/{job}/next",
                                                  .path = "/api/v1/jobs/job_1/next",
                                                  .remote = "127.0.0.1",
                                                  .status = 200,
                                                  .took_us = 412 + i,
                                                  .bytes = 312,
                                                  .person = 1 + i});
            else if (kind == PLAIN)
                plain(i);
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static double cpu_us(enum mode mode)
{
    pthread_t thread[THREADS];
    double before = clock_cpu_seconds();

    kind = mode;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, work, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    log_flush(1000);
    return (clock_cpu_seconds() - before) * 1e6 / (THREADS * BURSTS * BURST);
}

int main(void)
{
    char path[] = "/tmp/plumbline-bench-log-XXXXXX";
    int fd = mkstemp(path), out = dup(STDERR_FILENO);
    struct log_numbers n;
    double nothing, ours, yardstick;

    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || !log_start(NULL))
        return 1;
    unlink(path);
    log_set_requests(LOG_REQUESTS_ON);
    nothing = cpu_us(NOTHING);
    ours = cpu_us(OURS) - nothing;
    yardstick = cpu_us(PLAIN) - nothing;
    log_numbers(&n);
    log_stop();
    dup2(out, STDERR_FILENO);
    if (n.dropped)
        fprintf(stderr, "bench_log: %" PRIu64 " lines were dropped\n", n.dropped);
    printf("{\"log.line\": {\"value\": %.3f, \"unit\": \"us of CPU a line\", \"yardstick\": %.3f,"
           " \"ratio\": %.3f}}\n", ours, yardstick, ours / yardstick);
    return 0;
}
