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

static char *put_date(char *out, int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    gmtime_r(&t, &tm);
    out = put_digits(out, 4, tm.tm_year + 1900);
    *out++ = '-';
    out = put_digits(out, 2, tm.tm_mon + 1);
    *out++ = '-';
    out = put_digits(out, 2, tm.tm_mday);
    *out++ = 'T';
    out = put_digits(out, 2, tm.tm_hour);
    *out++ = ':';
    out = put_digits(out, 2, tm.tm_min);
    *out++ = ':';
    return put_digits(out, 2, tm.tm_sec);
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
