/* progress.h - how far an import or export is, on standard error: a bar on a terminal, a line now and
 * then elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what;
    bool        terminal;
    int64_t     started, told; /* monotonic, us; told: when the last line went out */
    int64_t     first; /* bytes that were done when we came */
    char        waits[400]; /* why it was said to wait, last */
};

void progress_begin(struct progress *p, const char *what);

/* `view` is an Import or an Export; `last`: it has ended. */
void progress_show(struct progress *p, json_t *view, bool last);

/* Fills out with what is shown, without the bar: "412,000 lines, 41 %, about 2 minutes left". The
 * share is left out when the total is 0, the time when `seconds` (since there were `first` bytes) are
 * too few to tell. */
void progress_words(char *out, size_t size, int64_t lines, int64_t bytes, int64_t total,
                    int64_t first, double seconds);

#endif
