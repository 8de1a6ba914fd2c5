/* probe.h - one GET to ourselves over TCP, with a limit; private to cli/. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include <stdint.h>

/* The reply's status, or 0 when there was none within limit_us. The address is a number. */
int probe_get(const char *address, uint16_t port, const char *path, int64_t limit_us);

#endif
