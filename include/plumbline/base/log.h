/* log.h - structured lines on standard error, as logfmt (`time=… level=… key=value …`) or JSON.
 *
 * Only the outer layers log; a library room returns its error instead. No personal data, no label
 * text and no tokens in a log line. Whatever a client sent is escaped: a line stays a line, and a
 * terminal sees no control characters. Thread-safe.
 *
 * Until log_start every line is written at once. After it lines go into a bounded ring which one
 * thread writes out: nobody who logs ever waits for whoever reads standard error. When the reader is
 * too slow lines are dropped, counted, and the gap is told.
 */
#ifndef PLUMBLINE_BASE_LOG_H
#define PLUMBLINE_BASE_LOG_H

#include "plumbline/base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVELS };
enum log_format { LOG_LOGFMT, LOG_JSON };
/* Which requests get a line: none, those that took a second or failed inside, all. */
enum log_requests { LOG_REQUESTS_OFF, LOG_REQUESTS_SLOW, LOG_REQUESTS_ON };

extern const char *const log_level_names[];    /* "debug" "info" "warn" "error", NULL */
extern const char *const log_format_names[];   /* "logfmt" "json", NULL               */
extern const char *const log_requests_names[]; /* "off" "slow" "on", NULL             */

/* Each may be set at any time, from any thread. Requests are off until somebody turns them on. */
void              log_set_level(enum log_level level);
enum log_level    log_get_level(void);
void              log_set_requests(enum log_requests which);
enum log_requests log_get_requests(void);
void              log_set_format(enum log_format format);

/* A message. Words of the form key=value that it begins with become fields of the line
 * ("job=7 round=2 goes on" has the fields job, round and msg). */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For what may fail many times a second for one and the same reason: true at most once a second.
 *     static log_gate gate;
 *     if (log_gate_opens(&gate))
 *         log_warn(…); */
typedef _Atomic long long log_gate;
bool log_gate_opens(log_gate *gate);

/* One request that is over. Texts are copied, and cut where they are very long; NULL leaves a field
 * out. `route` is kept as a pointer and must live as long as the program. */
struct log_request {
    const char *id, *method, *route, *path, *code, *remote, *forwarded;
    unsigned    status;
    int64_t     took_us, bytes;
    int64_t     person; /* 0: nobody known; shown as person_N */
};

/* info; warn for 503 (busy, stopping); error for what else failed inside. */
void log_request(const struct log_request *r);

/* Starts the thread that writes. With JOURNAL_STREAM naming our standard error each line begins with
 * the journal's priority (<3> … <7>). */
bool log_start(struct error *err);
void log_flush(int most_ms); /* waits until all that was logged so far is written, or not so long */
void log_stop(void);         /* flushes, for at most a second; lines are written at once again    */

struct log_numbers {
    uint64_t lines[LOG_LEVELS], dropped;
};
void log_numbers(struct log_numbers *out);

#endif
