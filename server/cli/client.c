/* client.c - libcurl over a Unix socket. */
#include "client.h"

#include "buckets.h"
#include "plumbline/api/api.h"
#include "plumbline/base/buf.h"
#include "progress.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { REPLY_MAX = 256 << 20 };

struct client {
    CURL           *curl;
    char            socket[PATH_MAX];
    struct service *service; /* when this process answers its own calls */
    struct buckets  buckets; /* its settings of buckets */
    struct api     *api;
};

static bool answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok;

    if (fd < 0 || strlen(path) >= sizeof address.sun_path) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    ok = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return ok;
}

/* Nobody serves this folder: do it here, for as long as the command takes. */
static bool serve_oneself(struct client *c, const char *data_dir, struct error *err)
{
    struct service_config config = {.data_dir = data_dir, .child_memory = INT64_C(8) << 30};
    char temporary[PATH_MAX];

    signal(SIGPIPE, SIG_IGN);
    if (buckets_from_environment(&c->buckets, &config, err))
        c->service = service_open(&config, err);
    if (!c->service)
        return false;
    snprintf(c->socket, sizeof c->socket, "%s/plumbline.sock", c->service->data_dir);
    snprintf(temporary, sizeof temporary, "%s/uploads", c->service->data_dir);
    c->api = api_start(
        c->service,
        &(struct api_config){.http = {.unix_path = c->socket, .temp_dir = temporary, .threads = 2}},
        err);
    return c->api && service_run(c->service, err);
}

struct client *client_to(const char *socket_path)
{
    struct client *c = must_alloc(sizeof *c);

    snprintf(c->socket, sizeof c->socket, "%s", socket_path);
    c->curl = curl_easy_init();
    return c;
}

struct client *client_open_running(const char *data_dir, struct error *err)
{
    char path[PATH_MAX];
    struct client *c;

    snprintf(path, sizeof path, "%s/plumbline.sock", data_dir);
    if (!answers(path)) {
        error_set(err, 1, "service.gone", "--data", "No service runs on the data folder %s.",
                  data_dir);
        return NULL;
    }
    c = client_to(path);
    if (c->curl)
        return c;
    error_internal(err, "libcurl cannot be started.");
    client_close(c);
    return NULL;
}

struct client *client_open(const char *data_dir, bool create, struct error *err)
{
    struct client *c;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/plumbline.db", data_dir);
    if (!create && access(path, F_OK) != 0) {
        error_set(err, 1, "data.not_found", "--data", "%s is not a data folder of Plumbline; say "
                  "which one with --data.", data_dir);
        return NULL;
    }

    snprintf(path, sizeof path, "%s/plumbline.sock", data_dir);
    c = client_to(path);
    if (!c->curl) {
        error_internal(err, "libcurl cannot be started.");
        goto fail;
    }
    if (!answers(c->socket) && !serve_oneself(c, data_dir, err))
        goto fail;
    return c;
fail:
    client_close(c);
    return NULL;
}

void client_close(struct client *c)
{
    if (!c)
        return;
    if (c->curl)
        curl_easy_cleanup(c->curl);
    api_stop(c->api);
    service_close(c->service);
    free(c);
}

const char *client_escape(struct arena *a, const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0);
    const char *copy = arena_strdup(a, escaped ? escaped : text);

    curl_free(escaped);
    return copy;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    return buf_add(context, bytes, size * count) ? size * count : 0;
}

static size_t write_bytes(char *bytes, size_t size, size_t count, void *context)
{
    size_t left = size * count;

    while (left > 0) {
        ssize_t n = write(*(int *)context, bytes, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return 0;
        bytes += n;
        left -= (size_t)n;
    }
    return size * count;
}

static void prepare(struct client *c, const char *method, const char *url)
{
    curl_easy_reset(c->curl);
    curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->socket);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http");
}

/* The service's own sentence, when the body has one. */
static bool refused(long status, const char *body, struct error *err)
{
    json_t *root = json_loads(body ? body : "", 0, NULL);
    const char *code = json_string_value(json_object_get(root, "code")),
               *message = json_string_value(json_object_get(root, "message")),
               *field = json_string_value(json_object_get(root, "field"));

    error_set(err, (int)status, code ? code : "refused", field ? field : "", "%s",
              message ? message : "The service refused it.");
    json_decref(root);
    return false;
}

static bool perform(struct client *c, struct buf *body, struct error *err)
{
    CURLcode rc = curl_easy_perform(c->curl);
    long status = 0;

    if (rc != CURLE_OK)
        return error_set(err, 503, "service.gone", "", "The service does not answer: %s. "
                         "What it had begun goes on when it is started again.",
                         curl_easy_strerror(rc));
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    return status < 400 || refused(status, body ? body->data : NULL, err);
}

bool client_call(struct client *c, const char *method, const char *path, json_t *body,
                 json_t **reply, struct error *err)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL, url[PATH_MAX];
    struct buf out;
    bool ok;

    json_decref(body);
    buf_init(&out, REPLY_MAX);
    snprintf(url, sizeof url, "http://plumbline%s", path);
    prepare(c, method, url);
    if (text) {
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, text);
        curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    }
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &out);
    ok = perform(c, &out, err);
    if (ok && reply)
        *reply = out.size ? json_loadb(out.data, out.size, 0, NULL) : NULL;
    buf_release(&out);
    curl_slist_free_all(headers);
    free(text);
    return ok;
}

bool client_download(struct client *c, const char *path, int fd, struct error *err)
{
    char url[PATH_MAX];

    snprintf(url, sizeof url, "http://plumbline%s", path);
    prepare(c, "GET", url);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, write_bytes);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &fd);
    return perform(c, NULL, err);
}

bool client_wait(struct client *c, const char *path, const char *what, json_t **reply,
                 struct error *err)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000000L};
    struct progress progress;

    progress_begin(&progress, what);
    for (;;) {
        const char *state;

        if (!client_call(c, "GET", path, NULL, reply, err))
            return false;
        state = json_string_value(json_object_get(*reply, "state"));
        progress_show(&progress, *reply, strcmp(state ? state : "", "running") != 0);
        if (!state || strcmp(state, "running") != 0)
            return true;
        json_decref(*reply);
        nanosleep(&pause, NULL);
    }
}
