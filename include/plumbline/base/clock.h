/* clock.h - time. Stored as UTC microseconds since 1970; durations from the monotonic clock. */
#ifndef PLUMBLINE_BASE_CLOCK_H
#define PLUMBLINE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_TEXT_SIZE = 32 };

#define SECOND_US INT64_C(1000000)

int64_t clock_now_us(void);       /* wall clock, UTC microseconds                              */
int64_t clock_monotonic_us(void); /* never jumps; counts from boot, also while suspended       */
double  clock_cpu_seconds(void);  /* CPU time of this process                                  */
const char *clock_boot_id(void);  /* names this boot; "" where the system does not tell        */

/* RFC 3339 with milliseconds and Z: 2026-11-02T08:15:30.120Z. Returns out. */
char *clock_text(int64_t us, char out[CLOCK_TEXT_SIZE]);

/* Ground Truth's metadata form, microseconds and no zone: 2026-11-02T08:15:30.120000. */
char *clock_text_manifest(int64_t us, char out[CLOCK_TEXT_SIZE]);

#endif
