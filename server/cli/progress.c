/* progress.c - a bar of thirty places. */
#include "progress.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 30 };

static const int64_t PLAIN_US = 5000000; /* between two lines where there is no terminal */

void progress_begin(struct progress *p, const char *what)
{
    *p = (struct progress){.what = what,
                           .terminal = isatty(STDERR_FILENO),
                           .started = clock_monotonic_us(),
                           .told = clock_monotonic_us(),
                           .first = -1};
}

static size_t grouped(char *out, size_t size, int64_t n)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%lld", (long long)n);
    size_t at = 0;

    for (int i = 0; i < count && at + 2 < size; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return at;
}

/* In the largest unit that fits, rounded up: better early than late. */
static void left(char *out, size_t size, double seconds)
{
    static const struct {
        double      seconds;
        const char *name;
    } units[] = {{3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t i = seconds > 5400 ? 0 : seconds > 90 ? 1 : 2;
    long n = (long)(seconds / units[i].seconds) + 1;

    snprintf(out, size, ", about %ld %s%s left", n, units[i].name, n == 1 ? "" : "s");
}

void progress_words(char *out, size_t size, int64_t lines, int64_t bytes, int64_t total,
                    int64_t first, double seconds)
{
    size_t at = grouped(out, size, lines);

    at += (size_t)snprintf(out + at, size - at, " line%s", lines == 1 ? "" : "s");
    if (total > 0 && at < size)
        at += (size_t)snprintf(out + at, size - at, ", %d %%", (int)(bytes * 100 / total));
    if (total > bytes && bytes > first && seconds >= 1 && at < size)
        left(out + at, size - at, seconds * (double)(total - bytes) / (double)(bytes - first));
}

static int64_t number(json_t *view, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(view, name));
}

static void bar(int64_t bytes, int64_t total)
{
    int full = (int)(bytes * WIDTH / total);

    fputc('[', stderr);
    for (int i = 0; i < WIDTH; i++)
        fputs(i < full ? "#" : "-", stderr);
    fputs("] ", stderr);
}

/* A line of its own whenever the reason is another one. */
static void show_problem(struct progress *p, const char *problem)
{
    if (problem && strcmp(p->waits, problem) != 0)
        fprintf(stderr, "%s%s waits: %s\n", p->terminal ? "\r\033[K" : "", p->what, problem);
    snprintf(p->waits, sizeof p->waits, "%s", problem ? problem : "");
}

void progress_show(struct progress *p, json_t *view, bool last)
{
    int64_t lines = number(view, "lines"), bytes = number(view, "bytes");
    int64_t total = number(view, "bytes_total"), now = clock_monotonic_us();
    char words[160];

    if (!last)
        show_problem(p, json_string_value(json_object_get(view, "message")));
    if (p->first < 0)
        p->first = bytes;
    if (!p->terminal && (last || now < p->told + PLAIN_US))
        return;
    p->told = now;
    progress_words(words, sizeof words, lines, bytes, total, p->first,
                   (double)(now - p->started) * 1e-6);
    if (p->terminal)
        fputs("\r\033[K", stderr);
    fprintf(stderr, "%s: ", p->what);
    if (p->terminal && total > 0)
        bar(bytes, total);
    fprintf(stderr, "%s%s", words, !p->terminal || last ? "\n" : "");
}
