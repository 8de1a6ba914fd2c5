/* serve.c - the service, until it is told to stop. */
#include "begin.h"
#include "plumbline/api/api.h"
#include "plumbline/aws/aws.h"
#include "plumbline/base/log.h"
#include "buckets.h"
#include "manager.h"
#include "plumbline/cli/commands.h"
#include "seed.h"
#include "stopping.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    const char *data, *listen, *public_url, *static_dir, *import_root, *samples;
    int64_t     undo_seconds, child_memory, threads, connections, idle_seconds;
    int         log_level, log_format, log_requests;
    const char *backup_to;
    double      backup_every;
    int64_t     backup_keep;
    struct buckets buckets;
};

static bool split_listen(const char *listen, char *address, size_t size, uint16_t *port,
                         struct error *err)
{
    const char *colon = strrchr(listen, ':');
    char *end;
    long p;
    size_t n;

    if (!colon)
        return error_set(err, 2, "usage", "--listen", "--listen takes ADDRESS:PORT, such as "
                                                      "127.0.0.1:8080");
    n = (size_t)(colon - listen);
    if (n >= 2 && listen[0] == '[' && colon[-1] == ']') {
        listen++;
        n -= 2;
    }
    if (n >= size)
        return error_set(err, 2, "usage", "--listen", "--listen: the address is too long");
    memcpy(address, listen, n);
    address[n] = '\0';
    p = strtol(colon + 1, &end, 10);
    if (*end || end == colon + 1 || p < 0 || p > 65535)
        return error_set(err, 2, "usage", "--listen", "--listen: \"%s\" is not a port from 0 to "
                                                      "65535", colon + 1);
    *port = (uint16_t)p;
    return true;
}

static bool announce(struct api *api, struct error *err)
{
    struct error why = {0};
    char *link = api_first_link(api, &why);

    if (why.status) {
        *err = why;
        return false;
    }
    printf("Plumbline %s listens on %s\n", api_version(), api_public_url(api));
    if (link)
        printf("Make yourself the first admin with this link (it works once):\n  %s\n", link);
    fflush(stdout);
    free(link);
    return true;
}

static bool run(struct settings *set, const char *address, uint16_t port,
                struct manager *manager, struct error *err)
{
    struct service_config config = {.data_dir = set->data,
                                    .import_root = set->import_root,
                                    .public_url = set->public_url,
                                    .undo_seconds = set->undo_seconds,
                                    .child_memory = set->child_memory,
                                    .backup_to = set->backup_to,
                                    .backup_every = set->backup_every,
                                    .backup_keep = set->backup_keep};
    struct service *s = NULL;
    struct api *api = NULL;
    struct aws *aws;
    char socket_path[PATH_MAX], temporary[PATH_MAX], own_url[160], listens[300];
    bool ok = false;

    snprintf(own_url, sizeof own_url, strchr(address, ':') ? "http://[%s]:%u" : "http://%s:%u",
             address, (unsigned)port);
    set->buckets.s3.own_url = own_url;
    if (buckets_config(&set->buckets, &config, err))
        s = service_open(&config, err);
    if (!s)
        return false;
    aws = aws_open(s, err);
    if (!aws) {
        service_close(s);
        return false;
    }
    snprintf(socket_path, sizeof socket_path, "%s/plumbline.sock", s->data_dir);
    snprintf(temporary, sizeof temporary, "%s/uploads", s->data_dir);
    api = api_start(s, &(struct api_config){.http = {.address = address,
                                                     .port = port,
                                                     .unix_path = socket_path,
                                                     .static_dir = set->static_dir,
                                                     .temp_dir = temporary,
                                                     .threads = (unsigned)set->threads,
                                                     .connections = (unsigned)set->connections,
                                                     .idle_seconds = (unsigned)set->idle_seconds},
                                            .public_url = set->public_url,
                                            .door = {aws_routes(aws), aws_metrics, aws}},
                    err);
    if (api) {
        aws_set_public_url(aws, api_public_url(api));
        snprintf(listens, sizeof listens, "%s", api_public_url(api)); /* it outlives the API */
        if (!set->public_url)
            s->config.public_url = listens;
    }
    if (api && service_run(s, err) && (!set->samples || seed_samples(s, set->samples, err))) {
        stopping_allowed();
        manager_serve(manager, s, api, address, api_port(api));
        ok = announce(api, err);
        if (ok)
            stopping_wait();
    }
    manager_stop(manager);
    api_stop(api);
    aws_close(aws);
    service_close(s);
    return ok;
}

/* The parts of a process that serves, around the service: log, signals, service manager. */
static bool serve(struct settings *set, const char *address, uint16_t port,
                  struct error *err)
{
    struct manager *manager = NULL;
    bool ok;

    log_set_level((enum log_level)set->log_level);
    log_set_format((enum log_format)set->log_format);
    log_set_requests((enum log_requests)set->log_requests);
    if (!stopping_start(err) || !log_start(err))
        return false;
    manager = manager_start(err);
    ok = err->status == 0 && run(set, address, port, manager, err);
    manager_free(manager);
    log_stop();
    return ok;
}

static const struct command_form serve_form = {
    .synopsis = "serve [FLAGS]",
    .help = "Runs the service until SIGINT or SIGTERM.",
};

static bool read_settings(struct settings *set, int argc, char **argv, int *status)
{
    const struct option_spec own[] = {
        {.name = "data", .kind = OPTION_TEXT, .to = &set->data, .value_name = "DIR",
         .help = "Data folder, made when missing; ./plumbline-data unless told"},
        {.name = "listen", .kind = OPTION_TEXT, .to = &set->listen, .value_name = "ADDR:PORT",
         .help = "127.0.0.1:8080 unless told; port 0 picks a free one"},
        {.name = "public-url", .kind = OPTION_TEXT, .to = &set->public_url, .value_name = "URL",
         .help = "What links begin with, where a proxy stands in front"},
        {.name = "static-dir", .kind = OPTION_TEXT, .to = &set->static_dir, .value_name = "DIR",
         .help = "Serve the pages from here instead of the built-in ones"},
        {.name = "import-root", .kind = OPTION_TEXT, .to = &set->import_root, .value_name = "DIR",
         .help = "Leads may import files under this folder by path"},
        {.name = "samples", .kind = OPTION_TEXT, .to = &set->samples, .value_name = "DIR",
         .help = "Add the sample jobs of this folder when there are no jobs yet"},
        {.name = "undo-seconds", .kind = OPTION_INT, .to = &set->undo_seconds, .max = 3600,
         .value_name = "N", .help = "How long a last answer may be taken back; 30"},
        {.name = "child-memory", .kind = OPTION_BYTES, .to = &set->child_memory,
         .value_name = "SIZE", .help = "Most memory of a learning process; 8G, 0 = no limit"},
        {.name = "threads", .kind = OPTION_INT, .to = &set->threads, .max = 256,
         .value_name = "N", .help = "Threads that answer requests; as many as cores"},
        {.name = "connections", .kind = OPTION_INT, .to = &set->connections, .max = 100000,
         .value_name = "N", .help = "Most connections at a time; 1000"},
        {.name = "idle-seconds", .kind = OPTION_INT, .to = &set->idle_seconds, .max = 3600,
         .value_name = "N", .help = "Idle and slow connections are closed after this; 60"},
        {.name = "backup-to", .kind = OPTION_TEXT, .to = &set->backup_to, .value_name = "DIR",
         .help = "Make backups into this folder, best on another disk"},
        {.name = "backup-every", .kind = OPTION_REAL, .to = &set->backup_every, .min = 0.0001,
         .max = 8784, .value_name = "HOURS", .help = "How often; 24"},
        {.name = "backup-keep", .kind = OPTION_INT, .to = &set->backup_keep, .min = 1, .max = 10000,
         .value_name = "N", .help = "The newest N of them stay; 7"},
        {.name = "log-level", .kind = OPTION_CHOICE, .to = &set->log_level,
         .choices = log_level_names, .value_name = "LEVEL",
         .help = "info unless told; SIGUSR1, SIGUSR2 and `plumbline log` change it"},
        {.name = "log-format", .kind = OPTION_CHOICE, .to = &set->log_format,
         .choices = log_format_names, .value_name = "FORMAT", .help = "logfmt unless told"},
        {.name = "log-requests", .kind = OPTION_CHOICE, .to = &set->log_requests,
         .choices = log_requests_names, .value_name = "WHICH",
         .help = "Which requests have a line: those over a second, none; on = all"},
        {.kind = OPTION_END}};
    struct option_spec options[sizeof own / sizeof *own + BUCKET_OPTIONS];
    struct arguments args;

    buckets_options(own, &set->buckets, options);
    return command_begin(&serve_form, options, argc, argv, &args, status);
}

int command_serve(int argc, char **argv)
{
    struct settings set = {.data = "plumbline-data",
                           .listen = "127.0.0.1:8080",
                           .undo_seconds = 30,
                           .child_memory = INT64_C(8) << 30,
                           .log_level = LOG_INFO,
                           .log_format = LOG_LOGFMT,
                           .log_requests = LOG_REQUESTS_ON};
    struct error err = {0};
    char address[128];
    uint16_t port = 0;
    int status;

    if (!read_settings(&set, argc, argv, &status))
        return status;
    if (!split_listen(set.listen, address, sizeof address, &port, &err))
        return command_fail("serve", &err);
    if (set.static_dir && access(set.static_dir, R_OK | X_OK) != 0) {
        error_set(&err, 1, "static.not_found", "--static-dir", "There is no folder %s to serve.",
                  set.static_dir);
        return command_fail("serve", &err);
    }
    return serve(&set, address, port, &err) ? 0 : command_fail("serve", &err);
}
