/* server.c - the daemon's life: two doors, one pool of threads each, and a stop that loses nothing.
 *
 * The doors are a TCP address for everybody and a Unix socket for the owner of the data folder; the
 * same routes stand behind both. Poll, not epoll: with libmicrohttpd 0.9.75 an epoll thread that
 * finds exactly 128 ready sockets goes to sleep without serving them. Connection memory is small,
 * since it holds headers only; bodies have memory of their own.
 *
 * To stop: new requests get a 503, the doors take nobody new, event streams end, deferred requests
 * get DEFERRED_WAIT_S to come back, replies under way get a moment, then the daemons end.
 */
#include "internal.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, LOCAL_THREADS = 2, SENDING_WAIT_MS = 2000 };

/* ---- sockets ---- */

static int listen_tcp(const struct http_config *config, uint16_t *port, struct error *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    const char *address = config->address ? config->address : "127.0.0.1";
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    struct addrinfo *list = NULL;
    char service[8];
    int one = 1, fd = -1;

    snprintf(service, sizeof service, "%u", config->port);
    if (getaddrinfo(address, service, &hints, &list) != 0) {
        error_set(err, 2, "usage", "address", "\"%s\" is not an IP address.", address);
        return -1;
    }
    fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        bind(fd, list->ai_addr, list->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &size) < 0) {
        error_system(err, "cannot listen on %s port %u", address, config->port);
        if (fd >= 0)
            close(fd);
        fd = -1;
    } else {
        *port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                  : ((struct sockaddr_in *)&bound)->sin_port);
    }
    freeaddrinfo(list);
    return fd;
}

/* The umask would race with other threads; instead the socket is closed to others before it
 * listens, and nobody can connect earlier than that. */
static int listen_unix(const char *path, struct error *err)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof name.sun_path) {
        error_set(err, 2, "usage", "data", "\"%s\" is too long for a Unix socket (%zu characters).",
                  path, sizeof name.sun_path - 1);
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path));
    unlink(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || chmod(path, 0600) < 0 ||
        listen(fd, BACKLOG) < 0) {
        error_system(err, "cannot listen on %s", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

/* ---- connections ---- */

static void peer_add(struct http_server *s, struct peer *p)
{
    pthread_mutex_lock(&s->peers_lock);
    p->next = s->peers;
    if (p->next)
        p->next->prev = p;
    s->peers = p;
    pthread_mutex_unlock(&s->peers_lock);
    atomic_fetch_add(&s->peer_count, 1);
}

static void peer_remove(struct http_server *s, struct peer *p)
{
    pthread_mutex_lock(&s->peers_lock);
    *(p->prev ? &p->prev->next : &s->peers) = p->next;
    if (p->next)
        p->next->prev = p->prev;
    pthread_mutex_unlock(&s->peers_lock);
    atomic_fetch_sub(&s->peer_count, 1);
    free(p);
}

static void name_peer(struct peer *p, const struct door *door, const struct sockaddr *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

    if (door->local || !address) {
        snprintf(p->remote, sizeof p->remote, "unix");
    } else if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &v4->sin_addr, p->remote, sizeof p->remote);
    } else if (address->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &v6->sin6_addr, p->remote, sizeof p->remote);
    }
    p->known = !door->local && address && ip_of_socket(address, &p->address);
}

/* libmicrohttpd calls this before it closes the socket, which keeper.c relies on. */
static void connection_changed(void *context, struct MHD_Connection *connection, void **mine,
                               enum MHD_ConnectionNotificationCode what)
{
    struct door *door = context;
    const union MHD_ConnectionInfo *info;
    struct peer *p;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*mine)
            peer_remove(door->server, *mine);
        *mine = NULL;
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    p = must_alloc(sizeof *p);
    p->fd = info->connect_fd;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    name_peer(p, door, info ? info->client_addr : NULL);
    atomic_store(&p->since_us, clock_monotonic_us());
    peer_add(door->server, p);
    *mine = p;
}

/* Paths and queries come raw; router.c and request.c decode them with their own rules. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

/* Mostly of clients that went away, which many do at once. */
static void library_says(void *context, const char *format, va_list args)
{
    static log_gate gate;
    char text[512];

    (void)context;
    if (!log_gate_opens(&gate))
        return;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    log_warn("libmicrohttpd: %s", text);
}

static void library_gives_up(void *context, const char *file, unsigned line, const char *reason)
{
    (void)context;
    log_error("libmicrohttpd gives up at %s:%u: %s", file, line, reason ? reason : "");
    log_flush(500);
    abort();
}

static bool door_open(struct door *door, unsigned threads, unsigned connections, struct error *err)
{
    const struct http_config *config = &door->server->config;
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)call_completed, door},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_changed, door},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)call_begin, door},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, NULL},
        {MHD_OPTION_LISTEN_SOCKET, door->socket, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)connections, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_MEMORY, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)config->idle_seconds, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    door->daemon = MHD_start_daemon(flags, 0, NULL, NULL, call_handle, door,
                                    MHD_OPTION_EXTERNAL_LOGGER, library_says, NULL,
                                    MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    return door->daemon || error_internal(err, "libmicrohttpd did not start");
}

/* ---- start ---- */

static char *copy(const char *text)
{
    return text ? must_strdup(text) : NULL;
}

static void set_defaults(struct http_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    /* As many as cores: what takes long is done elsewhere, and more of them only take the cores from
     * the writer. Against twice as many, a lease costs a sixth less CPU. */
    if (!config->threads)
        config->threads = (unsigned)(cores > 0 ? cores : 1);
    if (config->threads < 2) /* libmicrohttpd makes a pool of at least two */
        config->threads = 2;
    if (!config->connections)
        config->connections = 1000;
    if (config->connections < config->threads) /* each thread has its share of the limit */
        config->connections = config->threads;
    if (!config->idle_seconds)
        config->idle_seconds = 60;
}

/* Descriptors for every connection, beside what the rest of the program needs. */
static void raise_descriptor_limit(unsigned connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + 512;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        log_warn("only %ju file descriptors for %u connections", (uintmax_t)limit.rlim_cur,
                 connections);
}

static bool make_router(struct http_server *s, struct error *err)
{
    const struct route *const *lists[3] = {s->tables_own, NULL, s->app.tables};
    const struct route *pages[2] = {NULL, NULL};

    s->pages = asset_page_routes(s->app.pages);
    pages[0] = s->pages;
    lists[1] = pages;
    s->tables_own[0] = asset_routes;
    s->router = router_new(lists, 3, err);
    return s->router != NULL;
}

static void server_free(struct http_server *s)
{
    router_free(s->router);
    free(s->pages);
    free(s->unix_path);
    free(s->static_dir);
    free(s->temp_dir);
    pthread_mutex_destroy(&s->defer_lock);
    pthread_mutex_destroy(&s->streams_lock);
    pthread_mutex_destroy(&s->peers_lock);
    free(s);
}

static void door_shut(struct door *door)
{
    if (door->daemon)
        MHD_quiesce_daemon(door->daemon); /* the socket is closed when no thread can poll it */
}

static void door_close(struct door *door)
{
    if (!door->daemon)
        return;
    MHD_stop_daemon(door->daemon);
    door->daemon = NULL;
    close(door->socket);
}

static struct http_server *server_new(const struct http_config *config, const struct http_app *app)
{
    struct http_server *s = must_alloc(sizeof *s);

    s->app = *app;
    s->config = *config;
    set_defaults(&s->config);
    s->unix_path = copy(config->unix_path);
    s->static_dir = copy(config->static_dir);
    s->temp_dir = copy(config->temp_dir ? config->temp_dir : "/tmp");
    s->tcp.server = s->local.server = s;
    s->local.local = true;
    pthread_mutex_init(&s->defer_lock, NULL);
    pthread_mutex_init(&s->streams_lock, NULL);
    pthread_mutex_init(&s->peers_lock, NULL);
    if (getrandom(&s->id_seed, sizeof s->id_seed, GRND_NONBLOCK) < 0)
        s->id_seed = (uint64_t)clock_now_us();
    return s;
}

static bool open_doors(struct http_server *s, struct error *err)
{
    unsigned connections = s->config.connections;

    s->tcp.socket = listen_tcp(&s->config, &s->port, err);
    if (s->tcp.socket < 0 || !door_open(&s->tcp, s->config.threads, connections, err))
        return false;
    if (!s->unix_path)
        return true;
    s->local.socket = listen_unix(s->unix_path, err);
    return s->local.socket >= 0 &&
           door_open(&s->local, LOCAL_THREADS, connections < 100 ? connections : 100, err);
}

struct http_server *http_start(const struct http_config *config, const struct http_app *app,
                               struct error *err)
{
    struct http_server *s = server_new(config, app);

    MHD_set_panic_func(library_gives_up, NULL);
    raise_descriptor_limit(s->config.connections);
    if (!make_router(s, err))
        goto fail;
    if (!keeper_start(s, err))
        goto fail;
    if (open_doors(s, err))
        return s;
    door_shut(&s->tcp);
    door_close(&s->tcp);
    keeper_stop(s);
fail:
    server_free(s);
    return NULL;
}

uint16_t http_port(const struct http_server *s)
{
    return s->port;
}

unsigned long long http_finished(const struct http_server *s)
{
    return atomic_load_explicit(&s->finished, memory_order_relaxed);
}

bool http_is_full(const struct http_server *s)
{
    return atomic_load(&s->peer_count) >= (long)s->config.connections;
}

const char *http_library_version(void)
{
    return MHD_get_version();
}

/* ---- stop ---- */

static void pause_ms(int ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

    nanosleep(&t, NULL);
}

void http_stop(struct http_server *s)
{
    int64_t deadline = clock_monotonic_us() + DEFERRED_WAIT_S * SECOND_US;

    if (!s)
        return;
    atomic_store(&s->stopping, true);
    door_shut(&s->tcp);
    door_shut(&s->local);
    if (s->unix_path)
        unlink(s->unix_path);
    streams_end(s);
    while (atomic_load(&s->pending) > 0) {
        pause_ms(2);
        if (clock_monotonic_us() > deadline) {
            if (atomic_load(&s->deferred_count) > 0)
                log_warn("stopping without %ld unfinished requests",
                         atomic_load(&s->deferred_count));
            defer_abandon(s);
            streams_end(s);
        }
    }
    for (int ms = 0; atomic_load(&s->open) > 0 && ms < SENDING_WAIT_MS; ms += 2)
        pause_ms(2);
    while (atomic_load(&s->resuming) > 0)
        pause_ms(1);
    door_close(&s->tcp);
    door_close(&s->local);
    keeper_stop(s);
    server_free(s);
}
