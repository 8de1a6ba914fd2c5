/* load.c - the load generator: one thread, keep-alive connections, requests made by snprintf.
 *
 *   load PORT PID CONNECTIONS floor|shared PEOPLE
 *   load PORT PID CONNECTIONS plumbline JOB TOKENS [paced SECONDS RATE]
 *
 * floor is this folder's, shared the one it is checked against (../shared/bench/floor).
 *
 * People are spread over the connections, and each connection has one request under way. A round:
 * everybody leases one task, looks at it for a second, leases nine more, and answers all ten; so
 * that each phase is one kind of request. Prints a line of JSON for each phase: requests a second,
 * CPU microseconds of the server (process PID) a request, latencies. Anything but 2xx ends it.
 *
 * Paced: RATE requests a second in all, spread evenly over the connections, for SECONDS; everybody
 * leases, looks and answers in turn. A latency counts from the moment that the request was due, so
 * that a server that stands still cannot hide it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TASKS = 10, BUFFER = 16384, LATENCIES = 4 << 20 };
enum phase { LEASE, NEXT, LEASE_MORE, SUBMIT, PHASES };
enum server { PLUMBLINE, FLOOR, SHARED };

static const char *const names[PHASES] = {"warm", "next", "lease", "submit"};

struct person {
    char    token[64];
    int64_t worker, task[TASKS];
    int     leased, answered, turn; /* turn: what it does next when paced */
};

struct connection {
    int     fd, first, count, at; /* its people, and whose turn it is */
    bool    busy;
    struct person *who;
    enum phase     what;
    double  sent, due;
    char    in[BUFFER];
    size_t  size;
};

static struct {
    enum server server;
    const char *job;
    int         pid, connections, people;
    struct person     *person;
    struct connection *connection;
    float      *latency; /* seconds */
    size_t      done;
    double      until; /* of the phase NEXT */
    int         epoll;
} g;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

/* Seconds of CPU that the server has used. */
static double cpu(void)
{
    struct timespec t;
    clockid_t clock;

    must(clock_getcpuclockid(g.pid, &clock) == 0 && clock_gettime(clock, &t) == 0,
         "no such process");
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- requests ---- */

static int write_floor(char *out, size_t size, enum phase phase, const struct person *p)
{
    char body[200];
    int n;

    if (phase == NEXT)
        return snprintf(out, size, "GET /next?job=1&worker=%lld HTTP/1.1\r\nHost: a\r\n\r\n",
                        (long long)p->worker);
    if (phase != SUBMIT)
        return snprintf(out, size, "POST /claim?job=1&worker=%lld HTTP/1.1\r\nHost: a\r\n"
                                   "Content-Length: 0\r\n\r\n", (long long)p->worker);
    n = snprintf(body, sizeof body, "{\"item\":%lld,\"worker\":%lld,\"answer\":{\"label\":\"science\"},"
                                    "\"elapsed_ms\":900,\"active_ms\":700}",
                 (long long)p->task[p->answered], (long long)p->worker);
    return snprintf(out, size, "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                               "Content-Length: %d\r\n\r\n%s", n, body);
}

static int write_plumbline(char *out, size_t size, enum phase phase, const struct person *p)
{
    char body[200];
    int n;

    if (phase == NEXT)
        return snprintf(out, size, "GET /api/v1/jobs/%s/next HTTP/1.1\r\nHost: a\r\n"
                                   "Authorization: Bearer %s\r\n\r\n", g.job, p->token);
    if (phase != SUBMIT)
        return snprintf(out, size, "POST /api/v1/jobs/%s/leases HTTP/1.1\r\nHost: a\r\n"
                                   "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                                   "Content-Length: 7\r\n\r\n{\"n\":1}", g.job, p->token);
    n = snprintf(body, sizeof body, "{\"lease\":\"lease_%lld\",\"answer\":{\"label\":\"science\"},"
                                    "\"elapsed_ms\":900,\"active_ms\":700}",
                 (long long)p->task[p->answered]);
    return snprintf(out, size, "POST /api/v1/jobs/%s/answers HTTP/1.1\r\nHost: a\r\n"
                               "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                               "Idempotency-Key: %lld-%lld\r\nContent-Length: %d\r\n\r\n%s",
                    g.job, p->token, (long long)p->worker, (long long)p->task[p->answered], n,
                    body);
}

static bool has_work(const struct person *p, enum phase phase)
{
    switch (phase) {
    case LEASE:
        return p->leased < 1;
    case NEXT:
        return true;
    case LEASE_MORE:
        return p->leased < TASKS;
    default:
        return p->answered < TASKS;
    }
}

/* The next person of this connection who has something to do; NULL when all are done. */
static struct person *next_person(struct connection *c, enum phase phase)
{
    if (phase == NEXT && now() > g.until)
        return NULL;
    for (int i = 0; i < c->count; i++) {
        struct person *p = &g.person[c->first + (c->at + i) % c->count];

        if (has_work(p, phase)) {
            c->at = (c->at + i + 1) % c->count;
            return p;
        }
    }
    return NULL;
}

static void send_for(struct connection *c, enum phase phase, struct person *who)
{
    char out[1024];
    int n;

    c->who = who;
    c->busy = who != NULL;
    c->size = 0;
    if (!c->busy)
        return;
    n = (g.server == PLUMBLINE ? write_plumbline : write_floor)(out, sizeof out, phase, c->who);
    c->what = phase;
    c->sent = now();
    must(send(c->fd, out, (size_t)n, MSG_NOSIGNAL) == n, "a request did not fit the socket");
}

static void send_next(struct connection *c, enum phase phase)
{
    send_for(c, phase, next_person(c, phase));
}

static void take_reply(struct person *p, enum phase phase, const char *body)
{
    const char *mark = g.server == FLOOR    ? "\"item\":"
                       : g.server == SHARED ? "\"id\":"
                                            : "\"lease\":\"lease_";
    const char *at;

    if (phase == LEASE || phase == LEASE_MORE) {
        at = strstr(body, mark);
        must(at != NULL, "a lease without a task: too few items");
        p->task[p->leased++] = atoll(at + strlen(mark));
    }
    p->answered += phase == SUBMIT;
}

/* True when a whole reply is there. */
static bool receive(struct connection *c, double since)
{
    ssize_t n = recv(c->fd, c->in + c->size, sizeof c->in - 1 - c->size, MSG_DONTWAIT);
    const char *end, *length;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    must(n > 0, "the server closed a connection");
    c->size += (size_t)n;
    c->in[c->size] = '\0';
    end = strstr(c->in, "\r\n\r\n");
    length = strcasestr(c->in, "\r\nContent-Length:");
    if (!end || !length || c->size < (size_t)(end + 4 - c->in) + strtoul(length + 17, NULL, 10))
        return false;
    if (strncmp(c->in, "HTTP/1.1 2", 10) != 0) {
        fprintf(stderr, "%s\n", c->in);
        must(false, "a request was refused");
    }
    if (g.done < LATENCIES)
        g.latency[g.done] = (float)(now() - since);
    g.done++;
    take_reply(c->who, c->what, end + 4);
    return true;
}

/* ---- phases ---- */

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void report(const char *name, double started, double used)
{
    double seconds = now() - started;

    used = cpu() - used;
    must(g.done > 0, "no requests");
    qsort(g.latency, g.done < LATENCIES ? g.done : LATENCIES, sizeof *g.latency, ascending);
    printf("{\"phase\":\"%s\",\"requests\":%zu,\"per_second\":%.0f,\"cpu_us\":%.2f,\"p50_ms\":%.3f,"
           "\"p99_ms\":%.3f}\n", name, g.done, (double)g.done / seconds,
           used / (double)g.done * 1e6, (double)g.latency[g.done / 2] * 1e3,
           (double)g.latency[g.done * 99 / 100] * 1e3);
    fflush(stdout);
}

static void run(enum phase phase)
{
    struct epoll_event ready[256];
    double started = now(), used = cpu();
    int busy = 0;

    g.done = 0;
    g.until = started + 1;
    for (int i = 0; i < g.connections; i++) {
        send_next(&g.connection[i], phase);
        busy += g.connection[i].busy;
    }
    while (busy > 0) {
        int n = epoll_wait(g.epoll, ready, 256, 10000);

        must(n > 0, "no reply for 10 seconds");
        for (int i = 0; i < n; i++) {
            struct connection *c = ready[i].data.ptr;

            if (!receive(c, c->sent))
                continue;
            send_next(c, phase);
            busy -= !c->busy;
        }
    }
    report(names[phase], started, used);
}

/* ---- paced ---- */

/* Sends what is due; the time of the next thing that will be. */
static double send_due(void)
{
    double soon = g.until;

    for (int i = 0; i < g.connections; i++) {
        struct connection *c = &g.connection[i];

        if (!c->busy && c->due <= now() && c->due < g.until) {
            struct person *p = &g.person[c->first + c->at];
            static const enum phase turns[] = {LEASE_MORE, NEXT, SUBMIT};

            send_for(c, turns[p->turn], p);
            p->turn = (p->turn + 1) % 3;
            c->at = (c->at + (p->turn == 0)) % c->count;
        }
        if (!c->busy && c->due < soon)
            soon = c->due;
    }
    return soon;
}

static void take_due(struct connection *c, double interval)
{
    if (!receive(c, c->due))
        return;
    c->busy = false;
    c->due += interval;
    if (c->what == SUBMIT)
        c->who->leased = c->who->answered = 0;
}

static void run_paced(double seconds, double rate)
{
    struct epoll_event ready[256];
    double started = now(), used = cpu(), interval = g.connections / rate;

    g.done = 0;
    g.until = started + seconds;
    for (int i = 0; i < g.connections; i++) {
        g.connection[i].due = started + interval * i / g.connections;
        g.connection[i].at = 0;
    }
    for (bool busy = true; busy || now() < g.until;) {
        double wait = send_due() - now();
        struct timespec t = {(time_t)(wait > 0 ? wait : 0),
                             (long)((wait > 0 ? wait - (double)(time_t)wait : 0) * 1e9)};
        int n;

        if (now() >= g.until)
            t = (struct timespec){5, 0};
        busy = false;
        for (int i = 0; i < g.connections; i++)
            busy = busy || g.connection[i].busy;
        if (!busy && now() >= g.until)
            break;
        n = epoll_pwait2(g.epoll, ready, 256, &t, NULL);
        must(n >= 0 || errno == EINTR, "epoll");
        for (int i = 0; i < n; i++)
            take_due(ready[i].data.ptr, interval);
    }
    report("paced", started, used);
}

static void connect_all(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;

    g.epoll = epoll_create1(0);
    for (int i = 0; i < g.connections; i++) {
        struct connection *c = &g.connection[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

        c->first = g.people * i / g.connections;
        c->count = g.people * (i + 1) / g.connections - c->first;
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        must(connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0, "cannot connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(g.epoll, EPOLL_CTL_ADD, c->fd, &event);
    }
}

static void read_tokens(const char *path)
{
    FILE *f = fopen(path, "r");
    char line[64];

    must(f != NULL, "no file of tokens");
    while (fscanf(f, "%63s", line) == 1) {
        g.person = realloc(g.person, ((size_t)g.people + 1) * sizeof *g.person);
        must(g.person != NULL, "memory");
        g.person[g.people] = (struct person){.worker = g.people + 1};
        memcpy(g.person[g.people++].token, line, sizeof line);
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    g.pid = atoi(argv[2]);
    g.connections = atoi(argv[3]);
    g.server = strcmp(argv[4], "floor") == 0    ? FLOOR
               : strcmp(argv[4], "shared") == 0 ? SHARED
                                                : PLUMBLINE;
    if (g.server != PLUMBLINE) {
        g.people = atoi(argv[5]);
        g.person = calloc((size_t)g.people, sizeof *g.person);
        for (int i = 0; i < g.people; i++)
            g.person[i].worker = i + 1;
    } else {
        must(argc > 6, "no file of tokens");
        g.job = argv[5];
        read_tokens(argv[6]);
    }
    g.connection = calloc((size_t)g.connections, sizeof *g.connection);
    g.latency = malloc(LATENCIES * sizeof *g.latency);
    must(g.connection && g.latency && g.people >= g.connections, "too few people");
    connect_all((uint16_t)atoi(argv[1]));
    if (argc > 9 && strcmp(argv[7], "paced") == 0) {
        run_paced(atof(argv[8]), atof(argv[9]));
        return 0;
    }
    for (int phase = 0; phase < PHASES; phase++)
        run((enum phase)phase);
    return 0;
}
