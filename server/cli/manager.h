/* manager.h - what a service manager (systemd, Type=notify) hears from us; private to cli/.
 *
 * READY=1 once /readyz answers 200, a STATUS line now and then, and WATCHDOG=1 as often as asked for,
 * but only after a look at ourselves: a piece went through the writer and a request through the
 * pool. A disk that refuses is no hang: the writer answers then too, with an error. Without
 * $NOTIFY_SOCKET there is no thread and nothing to do. */
#ifndef CLI_MANAGER_H
#define CLI_MANAGER_H

#include "plumbline/api/api.h"

struct manager;

struct manager *manager_start(struct error *err); /* "starting"; NULL is fine for all below */
/* There is something to look at now: it answers on address:port. */
void manager_serve(struct manager *m, struct service *s, struct api *api, const char *address,
                   uint16_t port);
void manager_stop(struct manager *m); /* before the api is stopped */
void manager_free(struct manager *m); /* after the service is closed, which may hold a piece of it */

#endif
