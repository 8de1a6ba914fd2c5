/* log.c - what is logged at all. How a line looks: log_line.c; how it gets out: log_sink.c. */
#include "log_sink.h"
#include "plumbline/base/arena.h"
#include "plumbline/base/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static const int64_t SLOW_US = SECOND_US;

const char *const log_level_names[] = {"debug", "info", "warn", "error", NULL};
const char *const log_format_names[] = {"logfmt", "json", NULL};
const char *const log_requests_names[] = {"off", "slow", "on", NULL};

static atomic_int threshold = LOG_INFO, requests = LOG_REQUESTS_OFF, chosen = LOG_LOGFMT;

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, level);
}

enum log_level log_get_level(void)
{
    return (enum log_level)atomic_load(&threshold);
}

void log_set_requests(enum log_requests which)
{
    atomic_store(&requests, which);
}

enum log_requests log_get_requests(void)
{
    return (enum log_requests)atomic_load(&requests);
}

void log_set_format(enum log_format format)
{
    atomic_store(&chosen, format);
}

enum log_format log_get_format(void)
{
    return (enum log_format)atomic_load(&chosen);
}

/* One line, one write(2): lines of several threads never mix. */
static void write_now(const struct log_entry *e)
{
    char line[LOG_LINE_MAX];
    size_t size = log_entry_write(e, log_get_format(), false, line);

    if (write(STDERR_FILENO, line, size) < 0)
        return;
}

static void put(enum log_level level, const char *format, va_list args)
{
    struct log_entry e = {.level = level, .at_us = clock_now_us()};
    char text[LOG_MESSAGE_MAX];

    if ((int)level < atomic_load(&threshold))
        return;
    vsnprintf(text, sizeof text, format, args);
    e.message = text;
    if (log_sink_runs())
        log_sink_take(level, e.at_us, must_strdup(text));
    else
        write_now(&e);
}

bool log_gate_opens(log_gate *gate)
{
    long long now = clock_monotonic_us() + 1, last = atomic_load(gate);

    return (last == 0 || now - last >= SECOND_US) && atomic_compare_exchange_strong(gate, &last, now);
}

#define LOG_FUNCTION(name, level)                                                                  \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
                                                                                                   \
        va_start(args, format);                                                                    \
        put(level, format, args);                                                                  \
        va_end(args);                                                                              \
    }

LOG_FUNCTION(log_debug, LOG_DEBUG)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_error, LOG_ERROR)

void log_request(const struct log_request *r)
{
    enum log_level level = r->status < 500 ? LOG_INFO : r->status == 503 ? LOG_WARN : LOG_ERROR;
    int which = atomic_load_explicit(&requests, memory_order_relaxed);

    if (which == LOG_REQUESTS_OFF ||
        (int)level < atomic_load_explicit(&threshold, memory_order_relaxed) ||
        (which == LOG_REQUESTS_SLOW && r->took_us < SLOW_US && r->status < 500))
        return;
    if (log_sink_runs()) {
        log_sink_take_request(r, level);
    } else {
        struct log_entry e = {.level = level, .at_us = clock_now_us()};

        log_entry_take(&e, r);
        write_now(&e);
    }
}
