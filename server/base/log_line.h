/* log_line.h - one entry of the log and its text; private to base/. */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include "plumbline/base/log.h"

#include <stddef.h>

enum {
    LOG_MESSAGE_MAX = 2048, /* bytes of a message before it is escaped */
    LOG_LINE_MAX = 6 * LOG_MESSAGE_MAX + 512,
    LOG_TEXT_MAX = 232, /* id, method, code, remote, forwarded and path of a request together */
};

struct log_entry {
    int64_t        at_us; /* wall clock */
    enum log_level level;
    char          *message; /* NULL: a request */
    unsigned       status;
    int64_t        took_us, bytes, person;
    const char    *route;
    uint8_t        id, method, code, remote, forwarded, path; /* where in text; 0: none */
    char           text[LOG_TEXT_MAX];
};

/* Copies what is shown of a request, each text cut to its share of the room. */
void log_entry_take(struct log_entry *e, const struct log_request *r);

/* Writes the line with its line break into out; the size. */
size_t log_entry_write(const struct log_entry *e, enum log_format format, bool journal,
                       char out[LOG_LINE_MAX]);

#endif
