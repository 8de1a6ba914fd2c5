/* api.h - the REST API: the service behind an HTTP server. */
#ifndef PLUMBLINE_API_API_H
#define PLUMBLINE_API_API_H

#include "plumbline/engine/service.h"
#include "plumbline/http/server.h"

struct api;

/* Another dialect at the same listener (aws/). Borrowed until api_stop. */
struct api_door {
    const struct route *routes; /* ends with .path NULL */
    void (*metrics)(void *context, struct buf *out);
    void *context;
};

struct api_config {
    struct http_config http;
    const char *public_url; /* what links begin with; NULL: http://ADDRESS:PORT */
    struct api_door door;   /* .routes NULL: none */
};

/* Starts answering requests about the service. The caller stops it before closing the service. */
struct api *api_start(struct service *s, const struct api_config *config, struct error *err);
void        api_stop(struct api *a); /* NULL is fine */

struct http_server *api_http(const struct api *a);
uint16_t    api_port(const struct api *a);
const char *api_public_url(const struct api *a); /* without a slash at the end */

/* A link that makes the first admin, or NULL when there already is one. Older links of this kind
 * stop working. The caller frees. */
char *api_first_link(struct api *a, struct error *err);

/* OpenAPI 3.1 of every route; a new reference. Needs no running service. */
json_t *api_openapi(void);

const char *api_version(void);

#endif
