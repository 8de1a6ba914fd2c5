/* log.h - structured lines on standard error: `time level message key=value ...`.
 *
 * Only the outer layers log; a library room returns its error instead. No personal data, no label
 * text and no tokens in a log line. Thread-safe.
 */
#ifndef PLUMBLINE_BASE_LOG_H
#define PLUMBLINE_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level); /* may be called at any time, from any thread */
enum log_level log_get_level(void);
bool log_level_parse(const char *name, enum log_level *out); /* "debug", "info", "warn", "error" */

void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
