/* offload.h - slow work off the pool's threads: a few threads, a bounded queue. */
#ifndef PLUMBLINE_HTTP_OFFLOAD_H
#define PLUMBLINE_HTTP_OFFLOAD_H

#include "plumbline/http/server.h"

struct http_offload;

/* At most 8 threads; `name` is theirs, and for the sentence of the error. The caller stops it, once the server takes no requests. */
struct http_offload *http_offload_start(const char *name, int threads, struct error *err);
void                 http_offload_stop(struct http_offload *o); /* NULL is fine */

/* Suspends the request, does the work on one of them, and answers with `finish`, or with the error
 * when the work fails. 503 overloaded when too much is waiting. `context` must live in rq->arena. */
typedef bool http_worker(struct http_request *rq, void *context, struct error *err);
bool http_offload(struct http_request *rq, struct http_offload *where, http_worker *work,
                  void *context, http_handler *finish);

#endif
