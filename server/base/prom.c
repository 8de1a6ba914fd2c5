/* prom.c - see prom.h. */
#include "plumbline/base/prom.h"

/* 250 us is a quick read, 10 s is a client that has given up. */
const struct histogram_bounds histogram_request_us = {
    14, 1e-6, {250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000,
               2500000, 10000000}};
const struct histogram_bounds histogram_commit_us = {
    13, 1e-6, {100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000,
               10000000}};
const struct histogram_bounds histogram_group_size = {9, 1, {1, 2, 4, 8, 16, 32, 64, 128, 256}};
const struct histogram_bounds histogram_round_us = {
    9, 1e-6, {1000000, 3000000, 10000000, 30000000, 60000000, 180000000, 600000000, 1800000000,
              7200000000}};

void histogram_add(struct histogram *h, const struct histogram_bounds *b, int64_t value)
{
    int i = 0;

    while (i < b->n && value > b->up_to[i])
        i++;
    atomic_fetch_add_explicit(&h->in[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum, value > 0 ? (unsigned long long)value : 0,
                              memory_order_relaxed);
}

void histogram_merge(struct histogram *into, const struct histogram *h)
{
    for (int i = 0; i <= HISTOGRAM_MAX; i++)
        into->in[i] += atomic_load_explicit(&h->in[i], memory_order_relaxed);
    into->sum += atomic_load_explicit(&h->sum, memory_order_relaxed);
}

unsigned long long histogram_count(const struct histogram *h)
{
    unsigned long long n = 0;

    for (int i = 0; i <= HISTOGRAM_MAX; i++)
        n += atomic_load_explicit(&h->in[i], memory_order_relaxed);
    return n;
}

void prom_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void prom_label(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "%s%s=\"", out->size ? "," : "", name);
    for (; *value; value++) {
        if (*value == '\n')
            buf_puts(out, "\\n");
        else if (*value == '"' || *value == '\\')
            buf_add(out, (char[]){'\\', *value}, 2);
        else
            buf_add(out, value, 1);
    }
    buf_puts(out, "\"");
}

static void put_name(struct buf *out, const char *name, const char *suffix, const char *labels)
{
    buf_printf(out, *labels ? "%s%s{%s} " : "%s%s%s ", name, suffix, labels);
}

void prom_value(struct buf *out, const char *name, const char *labels, double value)
{
    put_name(out, name, "", labels);
    buf_printf(out, "%.15g\n", value);
}

void prom_count(struct buf *out, const char *name, const char *labels, unsigned long long value)
{
    put_name(out, name, "", labels);
    buf_printf(out, "%llu\n", value);
}

/* The count is the sum of the buckets as they were read, so that the two always agree. */
void prom_histogram(struct buf *out, const char *name, const char *labels,
                    const struct histogram *h, const struct histogram_bounds *b)
{
    const char *comma = *labels ? "," : "";
    unsigned long long sum = 0;

    for (int i = 0; i < b->n; i++) {
        sum += atomic_load_explicit(&h->in[i], memory_order_relaxed);
        buf_printf(out, "%s_bucket{%s%sle=\"%.10g\"} %llu\n", name, labels, comma,
                   (double)b->up_to[i] * b->unit, sum);
    }
    sum += atomic_load_explicit(&h->in[b->n], memory_order_relaxed);
    buf_printf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, labels, comma, sum);
    put_name(out, name, "_sum", labels);
    buf_printf(out, "%.15g\n",
               (double)atomic_load_explicit(&h->sum, memory_order_relaxed) * b->unit);
    put_name(out, name, "_count", labels);
    buf_printf(out, "%llu\n", sum);
}

void prom_one(struct buf *out, const char *name, const char *type, const char *help, double value)
{
    prom_family(out, name, type, help);
    prom_value(out, name, "", value);
}

void prom_one_histogram(struct buf *out, const char *name, const char *help,
                        const struct histogram *h, const struct histogram_bounds *b)
{
    prom_family(out, name, "histogram", help);
    prom_histogram(out, name, "", h, b);
}
