/* prom.h - numbers in the text form that Prometheus reads (exposition format 0.0.4).
 *
 * A family is prom_family and then its samples: prom_value, prom_count or prom_histogram, each with
 * its labels (`job="7"`, without braces; "" for none), which prom_label writes and escapes. */
#ifndef PLUMBLINE_BASE_PROM_H
#define PLUMBLINE_BASE_PROM_H

#include "plumbline/base/buf.h"

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_MAX = 15 };

/* What a histogram's buckets end at, growing, in its own unit; a value times `unit` is what
 * is shown (1e-6 for microseconds as seconds). */
struct histogram_bounds {
    int     n;
    double  unit;
    int64_t up_to[HISTOGRAM_MAX];
};

extern const struct histogram_bounds histogram_request_us, histogram_commit_us,
    histogram_group_size, histogram_round_us;

/* Zeroed memory is an empty one. Any thread may add while another one reads. */
struct histogram {
    atomic_ullong in[HISTOGRAM_MAX + 1]; /* the last: beyond all bounds */
    atomic_ullong sum;
};

void histogram_add(struct histogram *h, const struct histogram_bounds *b, int64_t value);
void histogram_merge(struct histogram *into, const struct histogram *h);
unsigned long long histogram_count(const struct histogram *h);

/* type: "counter", "gauge" or "histogram". */
void prom_family(struct buf *out, const char *name, const char *type, const char *help);
void prom_label(struct buf *out, const char *name, const char *value); /* adds a comma if needed */
void prom_value(struct buf *out, const char *name, const char *labels, double value);
void prom_count(struct buf *out, const char *name, const char *labels, unsigned long long value);
void prom_histogram(struct buf *out, const char *name, const char *labels,
                    const struct histogram *h, const struct histogram_bounds *b);

/* A family of one sample, or one histogram, without labels. */
void prom_one(struct buf *out, const char *name, const char *type, const char *help, double value);
void prom_one_histogram(struct buf *out, const char *name, const char *help,
                        const struct histogram *h, const struct histogram_bounds *b);

#endif
