/* test_figures.c - what is written by hand instead of by printf and strftime must be what these
 * write, and SHA-256 must be SHA-256. */
#include "../check.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/sha256.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 200000 };

static uint64_t state = 20260607;

static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void test_decimals(void)
{
    char wanted[64];
    int wrong = 0;
    struct buf b;

    buf_init(&b, 100);
    for (int i = 0; i < ROUNDS; i++) {
        int decimals = (int)(draw() % 7);
        double v = (double)(draw() % 2000001) / (i % 3 ? 1e6 : 8192); /* every third: true ties */

        buf_clear(&b);
        buf_fixed(&b, i % 100 ? v : -v, decimals);
        snprintf(wanted, sizeof wanted, "%.*f", decimals, i % 100 ? v : -v);
        wrong += strcmp(b.data, wanted) != 0;
    }
    CHECK_INT("decimals as printf writes them", wrong, 0);
    wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t v = (int64_t)draw() >> draw() % 64;

        v = i == 0 ? INT64_MIN : i == 1 ? INT64_MAX : i == 2 ? 0 : v;
        buf_clear(&b);
        buf_int(&b, v);
        snprintf(wanted, sizeof wanted, "%lld", (long long)v);
        wrong += strcmp(b.data, wanted) != 0;
    }
    CHECK_INT("whole numbers likewise", wrong, 0);
    buf_release(&b);
}

static void test_print(void)
{
    char long_text[300];
    struct buf b;

    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    buf_init(&b, 305);
    CHECK("a short text fits", buf_printf(&b, "%d", 12345));
    CHECK("a long one too", buf_printf(&b, "%s", long_text) && b.size == 304);
    CHECK_TEXT("behind each other", b.data + 300, "xxxx");
    CHECK("to the last byte", buf_printf(&b, "%d", 7) && b.size == 305);
    CHECK("and not further", !buf_printf(&b, "%d", 7) && b.overflow && b.size == 305);
    buf_release(&b);
}

static void test_clock(void)
{
    int wrong = 0;

    for (int i = 0; i < ROUNDS; i++) { /* the years 1600 to 9999 */
        int64_t second = (int64_t)(draw() % 265000000000) - 11670000000;
        int64_t us = second * SECOND_US + (int64_t)(draw() % 1000000);
        char got[CLOCK_TEXT_SIZE], wanted[64], form[40];
        time_t t = (time_t)second;
        struct tm tm;

        if (i % 2 == 0) { /* ends of days, where a slip would show */
            t = second - (second % 86400 + 86400) % 86400 - (i % 4 == 0);
            us = (int64_t)t * SECOND_US;
        }
        strftime(form, sizeof form, "%Y-%m-%dT%H:%M:%S", gmtime_r(&t, &tm));
        snprintf(wanted, sizeof wanted, "%s.%06d", form, (int)((us % SECOND_US + SECOND_US) % SECOND_US));
        wrong += strcmp(clock_text_manifest(us, got), wanted) != 0;
    }
    CHECK_INT("times as strftime writes them", wrong, 0);
}

static void test_sha256(void)
{
    static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    struct sha256 *sha = sha256_new();
    char got[SHA256_TEXT_SIZE];

    sha256_add(sha, text, 20);
    sha256_add(sha, text + 20, 0);
    sha256_add(sha, text + 20, strlen(text) - 20);
    sha256_text(sha, got);
    sha256_free(sha);
    CHECK_TEXT("FIPS 180-4's second example", got,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void)
{
    test_decimals();
    test_print();
    test_clock();
    test_sha256();
    return check_done();
}
