/* log_sink.h - where lines go; private to base/. */
#ifndef BASE_LOG_SINK_H
#define BASE_LOG_SINK_H

#include "log_line.h"

bool log_sink_runs(void); /* else lines have to be written at once */

/* A message into the ring; takes `message`. A request straight into its slot. */
void log_sink_take(enum log_level level, int64_t at_us, char *message);
void log_sink_take_request(const struct log_request *r, enum log_level level);

enum log_format log_get_format(void);

#endif
