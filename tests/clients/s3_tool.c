/* s3_tool.c - the bucket client from a shell, for the tests beside it: one verb, its result on standard
 * output, an error as "STATUS CODE MESSAGE" on standard error and in the exit status. */
#include "../../server/blob/s3_internal.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/options.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tool {
    struct s3        *s;
    struct s3_config  config;
    int64_t           repeat, stop_after, patience, patience_stall;
    bool              numbers;
    const char      **v; /* the verb and its words */
    int               n;
};

static const char *word(const struct tool *t, int i)
{
    return i < t->n ? t->v[i] : NULL;
}

static long long number(const struct tool *t, int i, long long otherwise)
{
    return word(t, i) ? strtoll(word(t, i), NULL, 10) : otherwise;
}

static bool load(const char *path, char **bytes, size_t *size, struct error *err)
{
    FILE *f = fopen(path, "rb");
    long end;

    if (!f)
        return error_system(err, "%s", path);
    fseek(f, 0, SEEK_END);
    end = ftell(f);
    rewind(f);
    *bytes = must_alloc((size_t)end + 1);
    *size = fread(*bytes, 1, (size_t)end, f);
    fclose(f);
    return true;
}

static bool to_file(void *context, const void *bytes, size_t size, struct error *err)
{
    return fwrite(bytes, 1, size, context) == size || error_system(err, "Writing failed");
}

static void print_info(FILE *out, const struct s3_info *info)
{
    fprintf(out, "%" PRId64 " %s %s\n", info->size, info->etag, info->type);
}

/* ---- reading ---- */

/* get URI FILE [FROM] [ETAG] */
static bool verb_get(struct tool *t, struct error *err)
{
    struct s3_info info = {0};
    FILE *f = fopen(word(t, 2), "wb");
    bool ok;

    if (!f)
        return error_system(err, "%s", word(t, 2));
    if (word(t, 4))
        snprintf(info.etag, sizeof info.etag, "%s", word(t, 4));
    ok = s3_get(t->s, word(t, 1), number(t, 3, 0), to_file, f, &info, err);
    fclose(f);
    if (ok)
        print_info(stdout, &info);
    return ok;
}

/* range URI FIRST LAST */
static bool verb_range(struct tool *t, struct error *err)
{
    struct s3_info info = {0};
    struct buf out;
    bool ok;

    buf_init(&out, 64 << 20);
    ok = s3_get_range(t->s, word(t, 1), number(t, 2, 0), number(t, 3, -1), &out, &info, err);
    if (ok && out.size)
        fwrite(out.data, 1, out.size, stdout);
    buf_release(&out);
    return ok;
}

/* read URI LIMIT */
static bool verb_read(struct tool *t, struct error *err)
{
    void *bytes;
    size_t size;

    if (!s3_read(t->s, word(t, 1), (size_t)number(t, 2, 1 << 20), &bytes, &size, NULL, err))
        return false;
    fwrite(bytes, 1, size, stdout);
    free(bytes);
    return true;
}

static bool verb_head(struct tool *t, struct error *err)
{
    struct s3_info info = {0};

    if (!s3_head(t->s, word(t, 1), &info, err))
        return false;
    print_info(stdout, &info);
    return true;
}

static bool print_entry(void *context, const struct s3_entry *e, struct error *err)
{
    struct buf b;

    (void)context, (void)err;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "{\"key\":");
    buf_json_text(&b, e->key);
    buf_printf(&b, ",\"size\":%" PRId64 ",\"etag\":", e->size);
    buf_json_text(&b, e->etag);
    buf_puts(&b, "}\n");
    fwrite(b.data, 1, b.size, stdout);
    buf_release(&b);
    return true;
}

/* list URI [PAGE] */
static bool verb_list(struct tool *t, struct error *err)
{
    return word(t, 2) ? s3_list_pages(t->s, word(t, 1), (int)number(t, 2, 0), print_entry, NULL, err)
                      : s3_list(t->s, word(t, 1), print_entry, NULL, err);
}

/* ---- writing ---- */

/* put FILE URI [TYPE] */
static bool verb_put(struct tool *t, struct error *err)
{
    char *bytes = NULL, etag[S3_ETAG_SIZE];
    size_t size = 0;
    bool ok;

    if (!load(word(t, 1), &bytes, &size, err))
        return false;
    ok = s3_put(t->s, word(t, 2), bytes, size, word(t, 3), etag, err);
    free(bytes);
    if (ok)
        puts(etag);
    return ok;
}

static bool verb_delete(struct tool *t, struct error *err)
{
    return s3_delete(t->s, word(t, 1), err);
}

/* upload FILE URI [CHUNK] [ABANDON]: in pieces of CHUNK bytes; ABANDON leaves it unfinished */
static bool verb_upload(struct tool *t, struct error *err)
{
    char chunk[1 << 16], etag[S3_ETAG_SIZE];
    size_t piece = (size_t)number(t, 3, sizeof chunk), n;
    FILE *f = fopen(word(t, 1), "rb");
    struct s3_upload *u = f ? s3_upload_new(t->s, word(t, 2), "application/x-test", err) : NULL;
    bool ok = u != NULL;

    piece = piece < sizeof chunk ? piece : sizeof chunk;
    while (ok && (n = fread(chunk, 1, piece, f)) > 0)
        ok = s3_upload_write(u, chunk, n, err);
    if (word(t, 4) && ok)
        _exit(0); /* as a process that was killed */
    ok = ok && s3_upload_finish(u, etag, err);
    s3_upload_free(u);
    if (f)
        fclose(f);
    if (ok)
        puts(etag);
    return ok;
}

/* puts PREFIX COUNT SIZE [CONNECTIONS]: objects of so many bytes; prints seconds */
static bool verb_puts(struct tool *t, struct error *err)
{
    long long count = number(t, 2, 100), size = number(t, 3, 300);
    struct s3_puts *p = s3_puts_new(t->s, (int)number(t, 4, 0));
    char *bytes = must_alloc((size_t)size + 32), uri[2048];
    int64_t start = clock_monotonic_us();
    bool ok = true;

    for (long long i = 0; ok && i < count; i++) {
        memset(bytes, 'x', (size_t)size);
        snprintf(bytes, (size_t)size + 1, "{\"number\":%lld}", i);
        snprintf(uri, sizeof uri, "%s%06lld.json", word(t, 1), i);
        ok = s3_puts_add(p, uri, bytes, (size_t)size, "application/json", err);
    }
    ok = ok && s3_puts_wait(p, err);
    s3_puts_free(p);
    free(bytes);
    if (ok)
        printf("%.3f\n", (double)(clock_monotonic_us() - start) / 1e6);
    return ok;
}

/* sweep URI SECONDS */
static bool verb_sweep(struct tool *t, struct error *err)
{
    return s3_upload_sweep(t->s, word(t, 1), number(t, 2, 0), err);
}

/* ---- the rest ---- */

static bool print_text(const char *text)
{
    if (text)
        puts(text);
    return text != NULL;
}

/* presign URI SECONDS [TYPE] */
static bool verb_presign(struct tool *t, struct error *err)
{
    struct arena a;
    bool ok;

    arena_init(&a);
    ok = print_text(s3_presign(t->s, word(t, 1), number(t, 2, 60), word(t, 3), &a, err));
    arena_release(&a);
    return ok;
}

static bool verb_origin(struct tool *t, struct error *err)
{
    struct arena a;

    (void)err;
    arena_init(&a);
    print_text(s3_origin(t->s, word(t, 1), &a));
    arena_release(&a);
    return true;
}

/* cors URI ORIGIN */
static bool verb_cors(struct tool *t, struct error *err)
{
    const char *advice = NULL;
    struct arena a;
    bool ok;

    arena_init(&a);
    ok = s3_check_cors(t->s, word(t, 1), word(t, 2), &a, &advice, err);
    if (ok)
        puts(advice ? advice : "allowed");
    arena_release(&a);
    return ok;
}

static bool verb_describe(struct tool *t, struct error *err)
{
    struct arena a;

    (void)err;
    arena_init(&a);
    puts(s3_describe(t->s, &a));
    arena_release(&a);
    return true;
}

static bool verb_parse(struct tool *t, struct error *err)
{
    struct s3_place place;

    if (!s3_place_parse(t->s, word(t, 1), &place, err))
        return false;
    printf("%s\n%s\n", place.bucket, place.key);
    return true;
}

static const struct {
    const char *name;
    bool      (*run)(struct tool *t, struct error *err);
    int         words; /* at least */
} verbs[] = {{"get", verb_get, 2},         {"range", verb_range, 1},   {"read", verb_read, 1},
             {"head", verb_head, 1},       {"list", verb_list, 1},     {"put", verb_put, 2},
             {"delete", verb_delete, 1},   {"upload", verb_upload, 2}, {"puts", verb_puts, 1},
             {"sweep", verb_sweep, 1},     {"presign", verb_presign, 1}, {"origin", verb_origin, 1},
             {"cors", verb_cors, 2},       {"describe", verb_describe, 0}, {"parse", verb_parse, 1}};

static void *stop_later(void *context)
{
    struct tool *t = context;

    usleep((useconds_t)t->stop_after * 1000);
    s3_stop(t->s);
    return NULL;
}

static bool run(struct tool *t, struct error *err)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(t->v[0], verbs[i].name) != 0)
            continue;
        if (t->n <= verbs[i].words)
            return error_set(err, 2, "usage", "", "%s takes more words", t->v[0]);
        for (int64_t k = 0; k < t->repeat; k++)
            if (!verbs[i].run(t, err))
                return false;
        return true;
    }
    return error_set(err, 2, "usage", "", "there is no verb %s", t->v[0]);
}

static int work(struct tool *t, struct error *err)
{
    struct s3_numbers n;
    pthread_t stopper;
    bool ok;

    t->s = s3_open(&t->config, err);
    if (!t->s)
        return 1;
    s3_patience((int)t->patience, (int)t->patience_stall);
    if (t->stop_after)
        pthread_create(&stopper, NULL, stop_later, t);
    ok = run(t, err);
    if (t->stop_after)
        pthread_join(stopper, NULL);
    s3_numbers(t->s, &n);
    if (t->numbers)
        fprintf(stderr, "{\"requests\":%" PRId64 ",\"retries\":%" PRId64 ",\"failures\":%" PRId64
                        ",\"in\":%" PRId64 ",\"out\":%" PRId64 ",\"ahead\":%" PRId64 "}\n",
                n.requests, n.retries, n.failures, n.bytes_in, n.bytes_out, s3_clock_skew(t->s));
    s3_close(t->s);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct tool t = {.repeat = 1};
    const struct option_spec options[] = {
        {.name = "endpoint", .kind = OPTION_TEXT, .to = &t.config.endpoint},
        {.name = "own", .kind = OPTION_TEXT, .to = &t.config.own_url},
        {.name = "public", .kind = OPTION_TEXT, .to = &t.config.public_endpoint},
        {.name = "region", .kind = OPTION_TEXT, .to = &t.config.region},
        {.name = "profile", .kind = OPTION_TEXT, .to = &t.config.profile},
        {.name = "id", .kind = OPTION_TEXT, .to = &t.config.access_key_id},
        {.name = "secret", .kind = OPTION_TEXT, .to = &t.config.secret_access_key},
        {.name = "token", .kind = OPTION_TEXT, .to = &t.config.session_token},
        {.name = "style", .kind = OPTION_CHOICE, .to = &t.config.style, .choices = s3_style_names},
        {.name = "attempts", .kind = OPTION_INT, .to = &t.config.attempts},
        {.name = "stall", .kind = OPTION_INT, .to = &t.config.stall_seconds},
        {.name = "patience", .kind = OPTION_INT, .to = &t.patience},
        {.name = "patience-stall", .kind = OPTION_INT, .to = &t.patience_stall},
        {.name = "repeat", .kind = OPTION_INT, .to = &t.repeat},
        {.name = "stop-after", .kind = OPTION_INT, .to = &t.stop_after},
        {.name = "numbers", .kind = OPTION_SWITCH, .to = &t.numbers},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status = 2;

    signal(SIGPIPE, SIG_IGN);
    if (options_parse(options, argc, argv, &args, &err) && args.n > 0) {
        t.v = args.v;
        t.n = args.n;
        status = work(&t, &err);
    }
    if (status)
        fprintf(stderr, "%d %s %s\n", err.status, err.code, err.message);
    return status;
}
