/* api.c - the REST API's life: a service, an HTTP server, and what goes between them. */
#include "plumbline/api/api.h"

#include "context.h"
#include "gate.h"
#include "held_cache.h"
#include "item_view.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_LINK_DAYS = 30, BUCKET_THREADS = 4 };

static const struct route *const tables[] = {
    session_routes, invitation_routes, people_routes, team_routes, key_routes,
    job_routes, job_clone_routes, item_routes, item_detail_routes,
    import_routes, import_start_routes, import_file_routes, media_routes,
    report_routes, export_routes, label_routes, answer_routes,
    lease_routes, task_routes,
    system_routes, metrics_routes, log_routes, backup_routes, doctor_routes, NULL};

enum { TABLES = sizeof tables / sizeof *tables }; /* with the NULL at the end */

/* Tables of REST, then the door's. */
static const struct route **with_door(const struct route *door)
{
    const struct route **all = must_alloc((TABLES + 1) * sizeof *all);

    memcpy(all, tables, sizeof tables);
    all[TABLES - 1] = door;
    return all;
}

static struct http_app make_app(struct api *a)
{
    return (struct http_app){.context = a,
                             .tables = a ? a->tables : tables,
                             .authenticate = access_authenticate,
                             .forbid = access_forbid,
                             .cookie_name = "plumbline",
                             .authenticate_errors = "401 key.refused, 404 workforce.address",
                             .unsafe_errors = "403 csrf.invalid",
                             .picture_origins = media_origins,
                             .log = log_finished};
}

static char *make_public_url(const struct api_config *config, uint16_t port)
{
    char url[300];
    const char *address = config->http.address;
    size_t n;

    if (config->public_url) {
        char *copy = must_strdup(config->public_url);

        for (n = strlen(copy); n > 0 && copy[n - 1] == '/'; n--)
            copy[n - 1] = '\0';
        return copy;
    }
    if (!address || strcmp(address, "0.0.0.0") == 0)
        address = "127.0.0.1";
    snprintf(url, sizeof url, strchr(address, ':') ? "http://[%s]:%u" : "http://%s:%u", address,
             port);
    return must_strdup(url);
}

struct api *api_start(struct service *s, const struct api_config *config, struct error *err)
{
    struct api *a = must_alloc(sizeof *a);
    struct http_app app;

    a->service = s;
    a->door = config->door;
    a->tables = with_door(config->door.routes);
    app = make_app(a);
    a->channels = channels_new();
    a->access = access_cache_new();
    a->addresses = addresses_new();
    a->gates = gates_new();
    a->held = held_cache_new();
    s->publish_context = a;
    s->publish = channels_publish;
    a->hashing = http_offload_start("hashing", 1, err);
    a->media = a->hashing ? http_offload_start("media", 1, err) : NULL;
    a->care = a->media ? http_offload_start("care", 1, err) : NULL;
    a->reports = a->care ? http_offload_start("reports", 1, err) : NULL;
    a->buckets = a->reports ? http_offload_start("buckets", BUCKET_THREADS, err) : NULL;
    a->http = a->buckets ? http_start(&config->http, &app, err) : NULL;
    if (!a->http) {
        api_stop(a);
        return NULL;
    }
    a->public_url = make_public_url(config, http_port(a->http));
    a->listen = must_strdup(config->http.address ? config->http.address : "");
    a->connections = config->http.connections;
    return a;
}

void api_stop(struct api *a)
{
    if (!a)
        return;
    atomic_store(&a->stopping, true);
    if (a->service->s3)
        s3_stop(a->service->s3); /* no request waits for a bucket */
    if (a->http)
        http_stop(a->http);
    http_offload_stop(a->hashing);
    http_offload_stop(a->media);
    http_offload_stop(a->care);
    http_offload_stop(a->reports);
    http_offload_stop(a->buckets);
    service_rest(a->service); /* its threads publish to the channels */
    a->service->publish = NULL;
    channels_free(a->channels);
    access_cache_free(a->access);
    addresses_free(a->addresses);
    gates_free(a->gates);
    held_cache_free(a->held);
    free(a->tables);
    free(a->public_url);
    free(a->listen);
    free(a);
}

struct http_server *api_http(const struct api *a)
{
    return a->http;
}

uint16_t api_port(const struct api *a)
{
    return http_port(a->http);
}

const char *api_public_url(const struct api *a)
{
    return a->public_url;
}

const char *api_version(void)
{
    return PLUMBLINE_VERSION;
}

json_t *api_openapi(void)
{
    struct http_app app = make_app(NULL);

    return http_openapi(&app, "Plumbline", api_version(), access_role_name);
}

/* ---- the first link ---- */

struct first_link {
    uint8_t hash[SECRET_HASH_SIZE];
    bool    needed;
};

static bool write_first_link(struct db *db, void *context, struct error *err)
{
    struct first_link *f = context;
    int64_t admins, id;

    if (!person_admins(db, &admins, err))
        return false;
    f->needed = admins == 0;
    return !f->needed ||
           (invitation_delete_first(db, err) &&
            invitation_insert(db, f->hash, ROLE_ADMIN, 0,
                              clock_now_us() + FIRST_LINK_DAYS * INT64_C(86400) * SECOND_US, &id,
                              err));
}

char *api_first_link(struct api *a, struct error *err)
{
    struct first_link f = {0};
    char token[SECRET_TOKEN_SIZE];
    size_t n = strlen(a->public_url) + sizeof "/join/" + sizeof token;
    char *link;

    token_new(token);
    token_hash(token, f.hash);
    if (!writer_call(a->service->writer, write_first_link, &f, err) || !f.needed)
        return NULL;
    link = must_alloc(n);
    snprintf(link, n, "%s/join/%s", a->public_url, token);
    return link;
}
