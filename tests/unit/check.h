/* check.h - the unit tests' harness: each check is one line of TAP on standard output.
 *
 *     int main(void) { CHECK("one and one", 1 + 1 == 2); return check_done(); }
 */
#ifndef CHECK_H
#define CHECK_H

#include "plumbline/base/sanitized.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int check_count, check_failed;

static inline bool check_report(bool ok, const char *name, const char *file, int line)
{
    printf("%s %d - %s\n", ok ? "ok" : "not ok", ++check_count, name);
    if (!ok) {
        check_failed++;
        printf("# at %s:%d\n", file, line);
    }
    fflush(stdout);
    return ok;
}

#define CHECK(name, condition) check_report((condition), (name), __FILE__, __LINE__)

#define CHECK_INT(name, got, want)                                                                 \
    do {                                                                                           \
        long long got_ = (long long)(got), want_ = (long long)(want);                              \
        if (!check_report(got_ == want_, (name), __FILE__, __LINE__))                              \
            printf("# got %lld, want %lld\n", got_, want_);                                        \
    } while (0)

#define CHECK_NEAR(name, got, want, tolerance)                                                     \
    do {                                                                                           \
        double got_ = (got), want_ = (want);                                                       \
        if (!check_report(fabs(got_ - want_) <= (tolerance), (name), __FILE__, __LINE__))          \
            printf("# got %.9g, want %.9g\n", got_, want_);                                        \
    } while (0)

#define CHECK_TEXT(name, got, want)                                                                \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (!check_report(got_ && strcmp(got_, want_) == 0, (name), __FILE__, __LINE__))           \
            printf("# got \"%s\", want \"%s\"\n", got_ ? got_ : "(null)", want_);                  \
    } while (0)

/* A tool or a data set is missing: counted as skipped, never as passed. */
static inline void check_skip(const char *name, const char *reason)
{
    printf("ok %d - %s # SKIP %s\n", ++check_count, name, reason);
}

static inline int check_done(void)
{
    printf("1..%d\n", check_count);
    return check_failed != 0;
}

#endif
