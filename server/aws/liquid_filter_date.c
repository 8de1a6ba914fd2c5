/* liquid_filter_date.c - dates: seconds since 1970, or ISO 8601 text, written by strftime's
 * letters.
 *
 * All in UTC. A value that is no such date stays as it is, as in Liquid; so does 'now' where the
 * time is not known. */
#include "liquid_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef const struct liquid_value *values_in;

enum { DATE_TEXT_MAX = 40, FORMAT_MAX = 400 };

/* "+02:00", "-0330", "Z" or nothing. */
static bool zone(const char *p, int64_t *seconds)
{
    int hours, minutes, n = 0;
    char sign;

    p += liquid_space(p, strlen(p));
    *seconds = 0;
    if (*p == '\0' || strcmp(p, "Z") == 0 || strcmp(p, "UTC") == 0)
        return true;
    if ((sscanf(p, "%c%2d:%2d%n", &sign, &hours, &minutes, &n) != 3 || p[n]) &&
        (sscanf(p, "%c%2d%2d%n", &sign, &hours, &minutes, &n) != 3 || p[n]))
        return false;
    *seconds = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return (sign == '+' || sign == '-') && hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

static bool iso(const char *text, int64_t *out)
{
    struct tm t = {0};
    int n = 0, more = 0;
    int64_t offset;
    char between;

    if (strspn(text, "0123456789-") < 8 ||
        sscanf(text, "%4d-%2d-%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &n) != 3)
        return false;
    text += n;
    n = 0;
    if (*text) {
        if (sscanf(text, "%c%2d:%2d%n", &between, &t.tm_hour, &t.tm_min, &n) != 3 ||
            (between != 'T' && between != ' '))
            return false;
        text += n;
        if (*text == ':' && sscanf(text, ":%2d%n", &t.tm_sec, &more) == 1)
            text += more;
        if (*text == '.')
            text += 1 + strspn(text + 1, "0123456789");
    }
    if (t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour > 24 ||
        t.tm_min > 59 || t.tm_sec > 60 || !zone(text, &offset))
        return false;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    *out = (int64_t)timegm(&t) - offset;
    return true;
}

static bool read_date(struct liquid *r, const struct liquid_value *v, int64_t *out)
{
    char text[DATE_TEXT_MAX];
    char *end;

    if (v->kind == LIQUID_INT) {
        *out = v->n;
        return true;
    }
    if (v->kind != LIQUID_TEXT || v->text.size == 0 || v->text.size >= sizeof text)
        return false;
    memcpy(text, v->text.p, v->text.size);
    text[v->text.size] = '\0';
    if (strcmp(text, "now") == 0 || strcmp(text, "today") == 0) {
        *out = r->options->now;
        return r->options->now != 0;
    }
    *out = strtoll(text, &end, 10);
    return *end == '\0' || iso(text, out);
}

/* One conversion, from "%" on; gives how many bytes of the format it took. */
static size_t convert(struct buf *out, const char *format, const struct tm *t, int64_t seconds)
{
    size_t flags = strspn(format + 1, "-_0^#"), n;
    char letter = format[1 + flags], one[12], text[100];

    if (letter == '\0' || flags > 2 ||
        !strchr("aAbBcCdDeFgGhHIjklmMnpPrRsSTtuUVwWxXyYzZ%", letter)) {
        buf_add(out, format, 1);
        return 1;
    }
    if (letter == 's')
        buf_int(out, seconds);
    else if (letter == 'Z')
        buf_puts(out, "UTC");
    else {
        snprintf(one, sizeof one, "%.*s", (int)(flags + 2), format);
        n = strftime(text, sizeof text, one, t);
        buf_add(out, text, n);
    }
    return flags + 2;
}

static bool date(struct liquid *r, struct liquid_value *v, values_in args, int n)
{
    struct liquid_value format = liquid_text(r, &args[0]);
    char text[FORMAT_MAX + 1];
    int64_t seconds;
    time_t when;
    struct buf out;
    struct tm t;

    (void)n;
    if (format.text.size == 0 || !read_date(r, v, &seconds))
        return true;
    if (format.text.size > FORMAT_MAX)
        return liquid_refuse(r, "A date's format has at most %d bytes.", FORMAT_MAX);
    when = (time_t)seconds;
    if (!gmtime_r(&when, &t))
        return liquid_refuse(r, "That date is too far away.");
    memcpy(text, format.text.p, format.text.size);
    text[format.text.size] = '\0';
    buf_init(&out, LIQUID_OUTPUT_MAX);
    for (const char *p = text; *p;)
        if (*p == '%')
            p += convert(&out, p, &t, seconds);
        else
            buf_add(&out, p++, 1);
    *v = liquid_kept(r, &out);
    return true;
}

const struct liquid_filter liquid_date_filters[] = {
    {"date", 1, 1, date},
    {NULL, 0, 0, NULL},
};
