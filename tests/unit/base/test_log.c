/* test_log.c - lines of the log: their two forms, what clients send, a reader that does not read. */
#include "../../../server/base/log_line.h"
#include "../check.h"
#include "plumbline/base/clock.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t AT = INT64_C(1795262921176000); /* 2026-11-21T12:08:41.176Z */

static const char *written(const struct log_request *r, enum log_format format)
{
    static char line[LOG_LINE_MAX + 1];
    struct log_entry e = {.at_us = AT, .level = LOG_INFO};

    log_entry_take(&e, r);
    line[log_entry_write(&e, format, false, line)] = '\0';
    return line;
}

static const char *said(char *message, enum log_format format, bool journal)
{
    static char line[LOG_LINE_MAX + 1];
    struct log_entry e = {.at_us = AT, .level = LOG_ERROR, .message = message};

    line[log_entry_write(&e, format, journal, line)] = '\0';
    return line;
}

static void test_forms(void)
{
    struct log_request r = {.id = "9f86d081884c7d65", .method = "GET",
                            .route = "/api/v1/jobs/{job}/next", .path = "/api/v1/jobs/job_1/next",
                            .remote = "127.0.0.1", .status = 200, .took_us = 12034, .bytes = 312,
                            .person = 3};
    json_t *json;

    CHECK_TEXT("a request as logfmt", written(&r, LOG_LOGFMT),
               "time=2026-11-21T12:08:41.176Z level=info id=9f86d081884c7d65 method=GET"
               " route=/api/v1/jobs/{job}/next path=/api/v1/jobs/job_1/next status=200 bytes=312"
               " ms=12.034 person=person_3 remote=127.0.0.1\n");
    json = json_loads(written(&r, LOG_JSON), 0, NULL);
    CHECK_TEXT("a request as JSON: path", json_string_value(json_object_get(json, "path")), r.path);
    CHECK_INT("a request as JSON: status", json_integer_value(json_object_get(json, "status")), 200);
    CHECK_NEAR("a request as JSON: ms", json_number_value(json_object_get(json, "ms")), 12.034, 1e-9);
    CHECK_TEXT("a request as JSON: person", json_string_value(json_object_get(json, "person")),
               "person_3");
    json_decref(json);
    CHECK_TEXT("a message's first words are fields",
               said((char[]){"job=7 round=2: it goes on"}, LOG_LOGFMT, false),
               "time=2026-11-21T12:08:41.176Z level=error job=7 round=2 msg=\"it goes on\"\n");
    CHECK_TEXT("the journal's priority", said((char[]){"no"}, LOG_LOGFMT, true),
               "<3>time=2026-11-21T12:08:41.176Z level=error msg=no\n");
}

/* One line, no control characters, and JSON gives the text back. */
static void test_hostile(void)
{
    static const char *const texts[] = {
        "/a\nlevel=error msg=forged", "/\x1b[31mred\x1b[0m", "/a\rb\tc", "/quote\"and\\slash",
        "/\xc2\x85next line", "/\xe2\x80\xaelive", "/\xff\xfe not utf-8", "/\x7f",
        "/caf\xc3\xa9", "/a b=c", "",
    };
    struct log_request r = {.id = "x", .route = "/x", .status = 404};

    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *line;
        bool clean = true;
        json_t *json;

        r.path = r.method = r.forwarded = texts[i];
        for (int form = LOG_LOGFMT; form <= LOG_JSON; form++) {
            line = written(&r, (enum log_format)form);
            for (const char *p = line; p[1]; p++)
                clean = clean && (unsigned char)*p >= ' ' && *p != 0x7f;
            clean = clean && strchr(line, '\n') == line + strlen(line) - 1 &&
                    !strstr(line, " level=error") && !strstr(line, "\xc2\x85") &&
                    !strstr(line, "\xe2\x80\xae");
        }
        CHECK("what a client sends stays inside its field", clean);
        json = json_loads(written(&r, LOG_JSON), 0, NULL);
        CHECK("and the line is JSON", json != NULL);
        if (!strchr(texts[i], '\xff'))
            CHECK_TEXT("that gives the text back",
                       json_string_value(json_object_get(json, "path")), texts[i]);
        json_decref(json);
    }
}

static void test_long(void)
{
    char path[3000], message[LOG_MESSAGE_MAX];
    struct log_request r = {.id = "x", .path = path, .status = 200, .remote = "127.0.0.1"};
    const char *line;

    memset(path, '\x01', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    line = written(&r, LOG_JSON);
    CHECK("a long path is cut, and the rest is there",
          strstr(line, "\\u0001\xe2\x80\xa6\"") && strstr(line, "\"remote\":\"127.0.0.1\"}"));
    memset(message, '\x02', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    CHECK("the longest message fits a line", strlen(said(message, LOG_JSON, true)) < LOG_LINE_MAX);
    CHECK("and ends as one", strstr(said(message, LOG_JSON, true), "\\u0002\"}\n"));
}

/* ---- with standard error somewhere else ---- */

static size_t lines_of(const char *text, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < size; i++)
        n += text[i] == '\n';
    return n;
}

enum { THREADS = 4, EACH = 500 };

static void *chatter(void *context)
{
    for (int i = 0; i < EACH; i++)
        log_info("thread=%d n=%d hello", (int)(intptr_t)context, i);
    return NULL;
}

static void test_file(void)
{
    char path[] = "/tmp/plumbline-test-log-XXXXXX", *text;
    int fd = mkstemp(path), kept = dup(STDERR_FILENO);
    pthread_t thread[THREADS];
    struct stat st;
    bool in_order = true;

    dup2(fd, STDERR_FILENO);
    CHECK("the log's thread starts", log_start(NULL));
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, chatter, (void *)(intptr_t)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    log_debug("below the level");
    log_request(&(struct log_request){.id = "quiet", .status = 200}); /* off unless turned on */
    log_stop();
    dup2(kept, STDERR_FILENO);
    fstat(fd, &st);
    text = calloc(1, (size_t)st.st_size + 1);
    CHECK("what was logged can be read", pread(fd, text, (size_t)st.st_size, 0) == st.st_size);
    CHECK_INT("every line of every thread", lines_of(text, (size_t)st.st_size), THREADS * EACH);
    CHECK("no request", !strstr(text, "quiet"));
    for (int t = 0; t < THREADS; t++) {
        const char *at = text;

        for (int i = 0; i < EACH && in_order; i++) {
            char want[64];

            snprintf(want, sizeof want, " thread=%d n=%d msg=hello\n", t, i);
            at = strstr(at, want);
            in_order = at != NULL;
        }
    }
    CHECK("a thread's lines are in its order", in_order);
    free(text);
    close(fd);
    close(kept);
    unlink(path);
}

/* Nobody reads the pipe: those who log go on, and when it is read again the gap is told. */
static void test_slow_reader(void)
{
    struct log_numbers before, after;
    static char got[8 << 20];
    int kept = dup(STDERR_FILENO), ends[2];
    size_t size = 0;
    int64_t started, took;
    ssize_t n;

    CHECK("a pipe", pipe(ends) == 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    log_numbers(&before);
    log_start(NULL);
    started = clock_monotonic_us();
    for (int i = 0; i < 20000; i++)
        log_info("line %d", i);
    took = clock_monotonic_us() - started;
    log_numbers(&after);
    CHECK("20000 lines that nobody reads hold nobody up", took < 5 * SECOND_US);
    CHECK("most of them are dropped and counted", after.dropped - before.dropped > 10000);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 100; i++) { /* now somebody reads */
        while ((n = read(ends[0], got + size, sizeof got - 1 - size)) > 0)
            size += (size_t)n;
        usleep(5000);
    }
    got[size] = '\0';
    CHECK("the gap is told", strstr(got, " log lines were dropped") != NULL);
    started = clock_monotonic_us();
    for (int i = 0; i < 20000; i++)
        log_info("line %d", i);
    log_stop();
    CHECK("a stop does not wait for a reader that has gone to sleep",
          clock_monotonic_us() - started < 4 * SECOND_US);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[0]);
}

int main(void)
{
    test_forms();
    test_hostile();
    test_long();
    test_file();
    test_slow_reader();
    return check_done();
}
