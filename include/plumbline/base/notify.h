/* notify.h - telling a service manager how we are: systemd's sd_notify protocol.
 *
 * One datagram to the socket that $NOTIFY_SOCKET names ("@…" is an abstract one), lines of KEY=VALUE;
 * see sd_notify(3). Without the variable nothing happens. */
#ifndef PLUMBLINE_BASE_NOTIFY_H
#define PLUMBLINE_BASE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* True when somebody wants to hear. */
bool notify_wanted(void);

/* Sends the lines ("READY=1\nSTATUS=serving"). False when nobody wants them or nobody took them: never
 * waits for a manager that does not read. */
bool notify_send(const char *lines);

/* How often WATCHDOG=1 must come at the least, from $WATCHDOG_USEC, when it is meant for this process
 * ($WATCHDOG_PID); 0: never. */
int64_t notify_watchdog_us(void);

#endif
