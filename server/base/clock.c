/* clock.c - wall time for people and records, monotonic time for durations. */
#include "plumbline/base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char boot_id[64];
static pthread_once_t boot_once = PTHREAD_ONCE_INIT;

static int64_t read_clock(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

double clock_cpu_seconds(void)
{
    return (double)read_clock(CLOCK_PROCESS_CPUTIME_ID) / 1e6;
}

static void read_boot_id(void)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, boot_id, sizeof boot_id - 1);

    if (fd >= 0)
        close(fd);
    boot_id[n > 0 ? n : 0] = '\0';
    boot_id[strcspn(boot_id, "\n")] = '\0';
}

const char *clock_boot_id(void)
{
    pthread_once(&boot_once, read_boot_id);
    return boot_id;
}

/* The last digits of a number, without printf: times are in nearly every reply. */
static char *put_digits(char *out, int digits, int64_t value)
{
    for (int i = digits; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

/* The day by hand, since gmtime takes a lock of all threads and an export writes a time a line: H.
 * Hinnant, "chrono-compatible low-level date algorithms", days counted from 0000-03-01 in eras of 400
 * years. Years 0 to 9999. */
static char *put_date(char *out, int64_t seconds)
{
    int64_t second = (seconds % 86400 + 86400) % 86400, day = (seconds - second) / 86400 + 719468;
    int64_t era = day / 146097, of_era = day % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t march = (5 * of_year + 2) / 153, month = march < 10 ? march + 3 : march - 9;

    out = put_digits(out, 4, year + era * 400 + (month <= 2));
    *out++ = '-';
    out = put_digits(out, 2, month);
    *out++ = '-';
    out = put_digits(out, 2, of_year - (153 * march + 2) / 5 + 1);
    *out++ = 'T';
    out = put_digits(out, 2, second / 3600);
    *out++ = ':';
    out = put_digits(out, 2, second / 60 % 60);
    *out++ = ':';
    return put_digits(out, 2, second % 60);
}

static char *format_us(int64_t us, char out[CLOCK_TEXT_SIZE], bool milliseconds)
{
    int64_t seconds = us / SECOND_US, rest = us % SECOND_US;
    char *at;

    if (rest < 0) {
        rest += SECOND_US;
        seconds--;
    }
    at = put_date(out, seconds);
    *at++ = '.';
    at = milliseconds ? put_digits(at, 3, rest / 1000) : put_digits(at, 6, rest);
    if (milliseconds)
        *at++ = 'Z';
    *at = '\0';
    return out;
}

char *clock_text(int64_t us, char out[CLOCK_TEXT_SIZE])
{
    return format_us(us, out, true);
}

char *clock_text_manifest(int64_t us, char out[CLOCK_TEXT_SIZE])
{
    return format_us(us, out, false);
}
