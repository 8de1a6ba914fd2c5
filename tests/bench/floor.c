/* floor.c - the yardstick of the request path: the least code that hands out tasks and takes answers
 * durably over the same two libraries. No people, no validation, no counters, no undo.
 *
 *   floor init DB ITEMS      makes a database with open items of one job
 *   floor serve DB           prints its port and serves until it is killed
 *
 *   GET  /next?worker=W      the first open item that W has not answered
 *   POST /claim?worker=W     the same, leased: {"item":I}
 *   POST /submit             {"item":I,"worker":W,"answer":…}: stored; {"id":A}
 *
 * The threads are those of the product: a pool of poll threads that read, one writer that commits
 * its whole queue with one fsync and then resumes the requests, one checkpointer.
 *
 * It is the shared floor (../shared/bench/floor/e2e.c) in other words: the same libraries, threads,
 * pragmas and statements, a million items, the same kind of requests. Items are lines of 95 bytes
 * where there they are addresses of 25, since that is what the product hands out; so its `next`
 * answers 130 bytes instead of 80. Where ../shared is at hand `make bench` measures both in turn and
 * tells the ratio of their rates (floor.next, floor.lease, floor.submit). */
#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, BODY_MAX = 4096, GROUP_MAX = 256 };

static const char pragmas[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
    "PRAGMA cache_size=-8000; PRAGMA mmap_size=1073741824;";
static const char schema[] =
    "CREATE TABLE item(id INTEGER PRIMARY KEY, line TEXT NOT NULL, state INTEGER NOT NULL) STRICT;"
    "CREATE INDEX item_open ON item(id) WHERE state = 0;"
    "CREATE TABLE lease(item INTEGER, worker INTEGER, until INTEGER, PRIMARY KEY(item, worker))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE answer(id INTEGER PRIMARY KEY, item INTEGER NOT NULL, worker INTEGER NOT NULL,"
    " body TEXT NOT NULL, created INTEGER NOT NULL) STRICT;"
    "CREATE INDEX answer_item ON answer(item, worker);";
static const char first_open[] =
    "SELECT id, line FROM item AS i WHERE state = 0 AND NOT EXISTS"
    " (SELECT 1 FROM answer AS a WHERE a.item = i.id AND a.worker = ?1) ORDER BY id LIMIT 1";

struct request {
    struct MHD_Connection *connection;
    struct request *next;
    char    reply[256];
    char   *body, *answer;
    size_t  size;
    sqlite3_int64 item, worker;
    int     submit, written;
};

static const char *path;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static struct request *head, **tail = &head;
static struct request seen; /* stands for a request without a body */

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "floor: %s\n", what);
    exit(1);
}

static sqlite3 *open_database(void)
{
    sqlite3 *db;

    must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                         SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK, "open");
    must(sqlite3_exec(db, pragmas, NULL, NULL, NULL) == SQLITE_OK, "pragmas");
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *q;

    must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q, NULL) == SQLITE_OK, sql);
    return q;
}

static void run(sqlite3_stmt *q)
{
    must(sqlite3_step(q) == SQLITE_DONE, "step");
    sqlite3_reset(q);
}

/* ---- the writer ---- */

struct statements {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *first, *set, *lease, *unlease, *answer;
};

static void claim(struct statements *s, struct request *r)
{
    sqlite3_bind_int64(s->first, 1, r->worker);
    r->item = sqlite3_step(s->first) == SQLITE_ROW ? sqlite3_column_int64(s->first, 0) : 0;
    sqlite3_reset(s->first);
    sqlite3_bind_int64(s->set, 1, r->item);
    sqlite3_bind_int64(s->set, 2, 1);
    run(s->set);
    sqlite3_bind_int64(s->lease, 1, r->item);
    sqlite3_bind_int64(s->lease, 2, r->worker);
    sqlite3_bind_int64(s->lease, 3, time(NULL) + 300);
    run(s->lease);
    snprintf(r->reply, sizeof r->reply, "{\"item\":%lld}", r->item);
}

static void submit(struct statements *s, struct request *r)
{
    sqlite3_bind_int64(s->answer, 1, r->item);
    sqlite3_bind_int64(s->answer, 2, r->worker);
    sqlite3_bind_text(s->answer, 3, r->answer, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s->answer, 4, time(NULL));
    run(s->answer);
    sqlite3_bind_int64(s->set, 1, r->item);
    sqlite3_bind_int64(s->set, 2, 2);
    run(s->set);
    sqlite3_bind_int64(s->unlease, 1, r->item);
    sqlite3_bind_int64(s->unlease, 2, r->worker);
    run(s->unlease);
    snprintf(r->reply, sizeof r->reply, "{\"id\":%lld}", sqlite3_last_insert_rowid(s->db));
}

static struct request *take_group(void)
{
    struct request *group, **cut = &head;

    pthread_mutex_lock(&lock);
    while (!head)
        pthread_cond_wait(&wake, &lock);
    group = head;
    for (int n = 0; *cut && n < GROUP_MAX; n++)
        cut = &(*cut)->next;
    head = *cut;
    *cut = NULL;
    if (!head)
        tail = &head;
    pthread_mutex_unlock(&lock);
    return group;
}

static void *write_for_ever(void *unused)
{
    struct statements s = {.db = open_database()};

    (void)unused;
    s.begin = prepare(s.db, "BEGIN IMMEDIATE");
    s.commit = prepare(s.db, "COMMIT");
    s.first = prepare(s.db, first_open);
    s.set = prepare(s.db, "UPDATE item SET state = ?2 WHERE id = ?1");
    s.lease = prepare(s.db, "INSERT OR REPLACE INTO lease VALUES(?1, ?2, ?3)");
    s.unlease = prepare(s.db, "DELETE FROM lease WHERE item = ?1 AND worker = ?2");
    s.answer = prepare(s.db, "INSERT INTO answer(item, worker, body, created)"
                             " VALUES(?1, ?2, ?3, ?4)");
    for (;;) {
        struct request *group = take_group();

        run(s.begin);
        for (struct request *r = group; r; r = r->next)
            (r->submit ? submit : claim)(&s, r);
        run(s.commit);
        while (group) {
            struct request *next = group->next;

            group->written = 1;
            MHD_resume_connection(group->connection);
            group = next;
        }
    }
    return NULL;
}

static void *checkpoint_for_ever(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    for (;;) {
        usleep(200000);
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    return NULL;
}

/* ---- requests ---- */

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *text)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)(size_t)text,
                                                             MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued;

    MHD_add_response_header(r, "Content-Type", "application/json");
    queued = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return queued;
}

static sqlite3_int64 worker_of(struct MHD_Connection *c)
{
    const char *text = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "worker");

    return text ? atoll(text) : 0;
}

static enum MHD_Result next(struct MHD_Connection *c)
{
    static __thread sqlite3_stmt *q;
    char out[1024];

    if (!q)
        q = prepare(open_database(), first_open);
    sqlite3_bind_int64(q, 1, worker_of(c));
    out[0] = '\0';
    if (sqlite3_step(q) == SQLITE_ROW)
        snprintf(out, sizeof out, "{\"item\":%lld,\"line\":%s}", sqlite3_column_int64(q, 0),
                 (const char *)sqlite3_column_text(q, 1));
    sqlite3_reset(q);
    return reply(c, out[0] ? 200 : 404, out);
}

static int read_submit(struct request *r)
{
    json_t *body = json_loadb(r->body, r->size, 0, NULL);

    r->item = json_integer_value(json_object_get(body, "item"));
    r->worker = json_integer_value(json_object_get(body, "worker"));
    r->answer = json_dumps(json_object_get(body, "answer"), JSON_COMPACT);
    r->submit = 1;
    json_decref(body);
    return r->answer != NULL;
}

static void enqueue(struct request *r)
{
    MHD_suspend_connection(r->connection);
    pthread_mutex_lock(&lock);
    *tail = r;
    tail = &r->next;
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&lock);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **mine)
{
    struct request *r = *mine;

    (void)context, (void)version;
    if (!r && *method == 'G') {
        *mine = &seen;
        return MHD_YES;
    }
    if (*method == 'G')
        return next(c);
    if (!r) {
        *mine = r = calloc(1, sizeof *r);
        must(r != NULL, "memory");
        r->connection = c;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        if (r->size + *upload_size > BODY_MAX)
            return MHD_NO;
        r->body = realloc(r->body, r->size + *upload_size);
        must(r->body != NULL, "memory");
        memcpy(r->body + r->size, upload, *upload_size);
        r->size += *upload_size;
        *upload_size = 0;
        return MHD_YES;
    }
    if (r->written)
        return reply(c, 200, r->reply);
    if (strcmp(url, "/submit") == 0 && !read_submit(r))
        return reply(c, 400, "{}");
    if (!r->submit)
        r->worker = worker_of(c);
    enqueue(r);
    return MHD_YES;
}

static void completed(void *context, struct MHD_Connection *c, void **mine,
                      enum MHD_RequestTerminationCode why)
{
    struct request *r = *mine;

    (void)context, (void)c, (void)why;
    if (!r || r == &seen)
        return;
    free(r->body);
    free(r->answer);
    free(r);
}

static _Noreturn void serve(void)
{
    struct MHD_Daemon *daemon;
    pthread_t writer, checkpointer;

    pthread_create(&writer, NULL, write_for_ever, NULL);
    pthread_create(&checkpointer, NULL, checkpoint_for_ever, NULL);
    daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
                              NULL, handle, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
                              MHD_OPTION_THREAD_POOL_SIZE, THREADS,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)8192, MHD_OPTION_END);
    must(daemon != NULL, "libmicrohttpd did not start");
    printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    for (;;)
        pause();
}

static int init(int items)
{
    sqlite3 *db = open_database();
    sqlite3_stmt *q;
    char line[200];

    must(sqlite3_exec(db, schema, NULL, NULL, NULL) == SQLITE_OK, "schema");
    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    q = prepare(db, "INSERT INTO item(line, state) VALUES(?1, 0)");
    for (int i = 0; i < items; i++) {
        snprintf(line, sizeof line, "{\"source\":\"Text number %d, about as long as a headline "
                                    "with a few more words behind it\"}", i);
        sqlite3_bind_text(q, 1, line, -1, SQLITE_STATIC);
        run(q);
    }
    sqlite3_finalize(q);
    must(sqlite3_exec(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) == SQLITE_OK,
         "commit");
    return sqlite3_close(db) != SQLITE_OK;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    path = argv[2];
    if (strcmp(argv[1], "init") == 0 && argc > 3)
        return init(atoi(argv[3]));
    serve();
}
