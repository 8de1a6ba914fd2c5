/* test_progress.c - how far an import is, in words. */
#include "../../../server/cli/progress.h"
#include "../check.h"

static const char *words(int64_t lines, int64_t bytes, int64_t total, int64_t first,
                         double seconds)
{
    static char out[160];

    progress_words(out, sizeof out, lines, bytes, total, first, seconds);
    return out;
}

int main(void)
{
    CHECK_TEXT("the total is not known", words(1, 0, 0, 0, 9), "1 line");
    CHECK_TEXT("too early for a time", words(0, 0, 1000, 0, 0.2), "0 lines, 0 %");
    CHECK_TEXT("minutes", words(412000, 410, 1000, 0, 83.4),
               "412,000 lines, 41 %, about 3 minutes left");
    CHECK_TEXT("seconds", words(999, 500, 1000, 0, 10), "999 lines, 50 %, about 11 seconds left");
    CHECK_TEXT("one second", words(1000, 999, 1000, 0, 10),
               "1,000 lines, 99 %, about 1 second left");
    CHECK_TEXT("hours", words(1234567, 10, 1000, 0, 100),
               "1,234,567 lines, 1 %, about 3 hours left");
    CHECK_TEXT("what was done before is no speed", words(2000, 600, 1000, 500, 10),
               "2,000 lines, 60 %, about 41 seconds left");
    CHECK_TEXT("done", words(2000, 1000, 1000, 0, 10), "2,000 lines, 100 %");
    CHECK_TEXT("large files do not overflow", words(5, INT64_C(60) << 30, INT64_C(64) << 30, 0, 0),
               "5 lines, 93 %");
    return check_done();
}
