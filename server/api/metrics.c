/* metrics.c - GET /metrics: what every room has to say of itself, for Prometheus.
 *
 * A room that has numbers adds a row to `providers`. A provider that fails (the database cannot be
 * read) leaves its part out, and that is a number too: whoever watches needs the rest most then. */
#include "context.h"

#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/backups.h"
#include "plumbline/engine/child.h"
#include "plumbline/engine/remote.h"
#include "plumbline/engine/remote.h"
#include "plumbline/store/figures.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

static bool put_http(struct http_request *rq, struct buf *out, struct error *err)
{
    (void)err;
    http_metrics(api_of(rq)->http, out);
    return true;
}

/* ---- the database ---- */

static bool put_writer(struct http_request *rq, struct buf *out, struct error *err)
{
    struct writer_numbers w;

    (void)err;
    writer_numbers(service_of(rq)->writer, &w);
    prom_one(out, "plumbline_write_queue", "gauge", "Writes of requests that wait for the writer.",
             (double)w.queued);
    prom_one(out, "plumbline_write_queue_peak", "gauge", "Most writes that ever waited at once.",
             (double)w.queued_most);
    prom_one(out, "plumbline_write_queue_limit", "gauge",
             "Writes that may wait; beyond it requests get 503.", (double)w.queue_limit);
    prom_one(out, "plumbline_bulk_write_queue", "gauge",
             "Pieces of imports and the like that wait for the writer.", (double)w.low_queued);
    prom_one_histogram(out, "plumbline_write_wait_seconds", "From the queue to the writer.", w.wait,
                       &histogram_commit_us);
    prom_one(out, "plumbline_writes_total", "counter", "Writes that reached the writer.",
             (double)w.pieces);
    prom_one(out, "plumbline_write_failures_total", "counter", "Writes refused or failed.",
             (double)w.failures);
    prom_one_histogram(out, "plumbline_commit_seconds",
                       "A group of writes, from its begin until it is on disk.", w.commit,
                       &histogram_commit_us);
    prom_one_histogram(out, "plumbline_commit_writes", "Writes in a commit.", w.group,
                       &histogram_group_size);
    prom_one(out, "plumbline_commits_total", "counter", "Commits to the database.",
             (double)w.commits);
    prom_one(out, "plumbline_wal_bytes", "gauge", "Size of the write-ahead log.",
             (double)w.wal_bytes);
    prom_one(out, "plumbline_checkpoints_total", "counter",
             "Times the log was copied back into the database.", (double)w.checkpoints);
    prom_one(out, "plumbline_checkpoint_seconds_total", "counter", "Time spent on that.",
             (double)w.checkpoint_us / 1e6);
    return true;
}

static bool put_disk(struct http_request *rq, struct buf *out, struct error *err)
{
    const struct service *s = service_of(rq);
    struct statvfs disk;

    prom_one(out, "plumbline_database_bytes", "gauge", "Size of the database file.",
             (double)service_database_bytes(s));
    if (statvfs(s->data_dir, &disk) != 0)
        return error_system(err, "the disk of the data folder");
    prom_one(out, "plumbline_data_free_bytes", "gauge", "Free space where the data folder is.",
             (double)disk.f_bavail * (double)disk.f_frsize);
    return true;
}

/* ---- jobs ---- */

static bool read_figures(struct http_request *rq, struct db *db, struct error *err)
{
    return figures_read(db, clock_now_us(), rq->user, err);
}

static void put_labelled(struct buf *out, const char *name, const char *label, const char *value,
                         int64_t n)
{
    char labels[96];

    snprintf(labels, sizeof labels, "%s=\"%s\"", label, value);
    prom_value(out, name, labels, (double)n);
}

static void put_items(const struct job_counts *n, struct buf *out)
{
    const struct {
        const char *state;
        int64_t     n;
    } all[] = {{"waiting", n->waiting}, {"open", n->open},       {"answered", n->answered},
               {"human", n->human},     {"machine", n->machine}, {"failed", n->failed}};

    prom_family(out, "plumbline_items", "gauge", "Items of all jobs by state.");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        put_labelled(out, "plumbline_items", "state", all[i].state, all[i].n);
    prom_one(out, "plumbline_current_answers", "gauge", "Answers that count.", (double)n->answers);
    prom_one(out, "plumbline_current_skips", "gauge", "Skips that count.", (double)n->skips);
    prom_one(out, "plumbline_current_guesses", "gauge", "Items with a provisional machine label.",
             (double)n->provisional);
}

static void put_transfers(const char *what, const struct transfer_figures *v, bool with_bytes,
                          struct buf *out)
{
    char name[64];

    snprintf(name, sizeof name, "plumbline_%ss", what);
    prom_family(out, name, "gauge", "How many there are, by state.");
    for (int i = 0; transfer_state_names[i]; i++)
        put_labelled(out, name, "state", transfer_state_names[i], v[i].count);
    snprintf(name, sizeof name, "plumbline_%s_lines", what);
    prom_family(out, name, "gauge", "Lines in them, by state.");
    for (int i = 0; transfer_state_names[i]; i++)
        put_labelled(out, name, "state", transfer_state_names[i], v[i].lines);
    if (!with_bytes)
        return;
    snprintf(name, sizeof name, "plumbline_%s_bytes", what);
    prom_family(out, name, "gauge", "Size of the files, by state.");
    for (int i = 0; transfer_state_names[i]; i++)
        put_labelled(out, name, "state", transfer_state_names[i], v[i].bytes);
}

static bool put_figures(struct http_request *rq, struct buf *out, struct error *err)
{
    struct figures *f = arena_alloc(&rq->arena, sizeof *f);

    rq->user = f;
    if (!api_read(rq, read_figures, err))
        return false;
    prom_family(out, "plumbline_jobs", "gauge", "Jobs by state.");
    for (int i = 0; job_state_names[i]; i++)
        put_labelled(out, "plumbline_jobs", "state", job_state_names[i], f->jobs[i]);
    put_items(&f->counts, out);
    prom_one(out, "plumbline_leases", "gauge", "Tasks that people hold.", (double)f->leases);
    prom_one(out, "plumbline_people", "gauge", "People who may come in.", (double)f->people);
    prom_one(out, "plumbline_sessions", "gauge", "Sessions that have not ended.",
             (double)f->sessions);
    put_transfers("import", f->imports, false, out);
    put_transfers("export", f->exports, true, out);
    return true;
}

/* ---- the engine ---- */

static bool put_engine(struct http_request *rq, struct buf *out, struct error *err)
{
    struct service_numbers *n = &service_of(rq)->numbers;
    struct child_numbers c;

    (void)err;
    child_numbers(&c);
    prom_one(out, "plumbline_answers_total", "counter", "Answers accepted since the start.",
             (double)atomic_load(&n->answers));
    prom_one(out, "plumbline_leases_expired_total", "counter", "Leases that ran out.",
             (double)atomic_load(&n->leases_expired));
    prom_one(out, "plumbline_training_rounds_running", "gauge", "Training rounds under way.",
             (double)atomic_load(&n->rounds_running));
    prom_one(out, "plumbline_training_rounds_failed_total", "counter",
             "Training rounds that failed.", (double)atomic_load(&n->rounds_failed));
    prom_one_histogram(out, "plumbline_training_round_seconds",
                       "Training rounds that were done, with the making of features.", &n->round_us,
                       &histogram_round_us);
    prom_one(out, "plumbline_children", "gauge", "Child processes that run.", (double)c.running);
    prom_one(out, "plumbline_children_started_total", "counter", "Child processes started.",
             (double)c.started);
    prom_one(out, "plumbline_children_failed_total", "counter",
             "Child processes that crashed, failed or were ended.", (double)c.failed);
    prom_one(out, "plumbline_child_memory_peak_bytes", "gauge",
             "Resident memory of the largest child process that has ended.",
             (double)c.peak_bytes);
    return true;
}

/* ---- buckets ---- */

static bool put_buckets(struct http_request *rq, struct buf *out, struct error *err)
{
    struct remote_numbers n;
    struct s3_numbers s;

    (void)err;
    remote_numbers(service_of(rq), &n);
    s3_numbers(service_of(rq)->s3, &s);
    prom_one(out, "plumbline_s3_requests_total", "counter",
             "Requests to buckets, with repeated ones.", (double)s.requests);
    prom_one(out, "plumbline_s3_retries_total", "counter", "Of these, repeated after a failure.",
             (double)s.retries);
    prom_one(out, "plumbline_s3_failures_total", "counter",
             "Calls to buckets that failed in the end.", (double)s.failures);
    prom_one(out, "plumbline_s3_received_bytes_total", "counter", "Bytes read from buckets.",
             (double)s.bytes_in);
    prom_one(out, "plumbline_s3_sent_bytes_total", "counter", "Bytes written to buckets.",
             (double)s.bytes_out);
    prom_one(out, "plumbline_picture_cache_bytes", "gauge", "Pictures of buckets kept here.",
             (double)n.bytes);
    prom_one(out, "plumbline_picture_cache_limit_bytes", "gauge", "Most there may be.",
             (double)n.limit);
    prom_one(out, "plumbline_picture_cache_hits_total", "counter",
             "Pictures and previews of buckets that were in the cache.", (double)n.hits);
    prom_one(out, "plumbline_picture_cache_misses_total", "counter",
             "Pictures and previews of buckets that were not.", (double)n.misses);
    prom_one(out, "plumbline_picture_fetches_total", "counter", "Pictures asked of a bucket.",
             (double)n.fetches);
    prom_one(out, "plumbline_picture_fetch_failures_total", "counter",
             "Of these, could not be had, or were none.", (double)n.failures);
    return true;
}

/* ---- the process ---- */

struct status {
    long long resident, anonymous, swapped, threads;
};

static void read_status(struct status *s)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];

    memset(s, 0, sizeof *s);
    while (f && fgets(line, sizeof line, f)) {
        sscanf(line, "VmRSS: %lld", &s->resident);
        sscanf(line, "RssAnon: %lld", &s->anonymous);
        sscanf(line, "VmSwap: %lld", &s->swapped);
        sscanf(line, "Threads: %lld", &s->threads);
    }
    if (f)
        fclose(f);
}

static int open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = -1; /* not the one that reads the folder */

    if (!dir)
        return 0;
    for (struct dirent *e; (e = readdir(dir));)
        n += *e->d_name != '.';
    closedir(dir);
    return n;
}

static bool put_process(struct http_request *rq, struct buf *out, struct error *err)
{
    struct rlimit files = {0};
    struct status s;

    (void)err;
    read_status(&s);
    getrlimit(RLIMIT_NOFILE, &files);
    prom_one(out, "process_cpu_seconds_total", "counter", "CPU time of the service.",
             clock_cpu_seconds());
    prom_one(out, "process_start_time_seconds", "gauge", "When the service was started.",
             (double)service_of(rq)->started / 1e6);
    prom_one(out, "process_resident_memory_bytes", "gauge",
             "Memory in use, with pages of files that the kernel may drop.",
             (double)s.resident * 1024);
    prom_one(out, "plumbline_private_memory_bytes", "gauge",
             "Memory of the service's own, swapped out or not.",
             (double)(s.anonymous + s.swapped) * 1024);
    prom_one(out, "process_open_fds", "gauge", "Open file descriptors.", open_files());
    prom_one(out, "process_max_fds", "gauge", "Most file descriptors.", (double)files.rlim_cur);
    prom_one(out, "process_threads", "gauge", "Threads.", (double)s.threads);
    return true;
}

static bool put_log(struct http_request *rq, struct buf *out, struct error *err)
{
    struct log_numbers n;

    (void)rq, (void)err;
    log_numbers(&n);
    prom_family(out, "plumbline_log_lines_total", "counter", "Lines written to the log.");
    for (int i = 0; i < LOG_LEVELS; i++)
        put_labelled(out, "plumbline_log_lines_total", "level", log_level_names[i],
                     (int64_t)n.lines[i]);
    prom_one(out, "plumbline_log_dropped_lines_total", "counter",
             "Lines dropped because standard error was read too slowly.", (double)n.dropped);
    return true;
}

static bool put_build(struct http_request *rq, struct buf *out, struct error *err)
{
    struct buf labels;

    (void)rq, (void)err;
    buf_init(&labels, 4096);
    prom_label(&labels, "version", api_version());
    prom_label(&labels, "sqlite", db_library_version());
    prom_label(&labels, "libmicrohttpd", http_library_version());
    prom_family(out, "plumbline_build_info", "gauge", "Always 1: what the labels say is running.");
    prom_value(out, "plumbline_build_info", labels.data, 1);
    buf_release(&labels);
    return true;
}

/* ---- all of it ---- */

typedef bool provider(struct http_request *rq, struct buf *out, struct error *err);

static bool put_backups(struct http_request *rq, struct buf *out, struct error *err)
{
    struct backup_numbers n;

    (void)err;
    backups_numbers(service_of(rq), &n);
    prom_one(out, "plumbline_backups_total", "counter", "Backups made since the start.",
             (double)n.made);
    prom_one(out, "plumbline_backup_failures_total", "counter",
             "Backups that failed since the start.", (double)n.failed);
    prom_one(out, "plumbline_backup_last_success_timestamp_seconds", "gauge",
             "When a backup was last made; 0: not known of.", (double)n.last_success / 1e6);
    prom_one(out, "plumbline_backup_last_failure_timestamp_seconds", "gauge",
             "When a backup last failed; 0: not known of.", (double)n.last_failure / 1e6);
    return true;
}

static bool put_door(struct http_request *rq, struct buf *out, struct error *err)
{
    const struct api_door *door = &api_of(rq)->door;

    (void)err;
    if (door->metrics)
        door->metrics(door->context, out);
    return true;
}

static const struct {
    const char *name;
    provider   *put;
} providers[] = {
    {"backups", put_backups}, {"buckets", put_buckets}, {"door", put_door},
    {"http", put_http},     {"writer", put_writer},   {"disk", put_disk}, {"figures", put_figures},
    {"engine", put_engine}, {"process", put_process}, {"log", put_log},   {"build", put_build},
};

enum { PROVIDERS = sizeof providers / sizeof *providers };

static bool get_metrics(struct http_request *rq, struct error *err)
{
    bool well[PROVIDERS];
    struct buf out;

    (void)err;
    buf_init(&out, 4 << 20);
    for (int i = 0; i < PROVIDERS; i++) {
        struct error why = {0};

        well[i] = providers[i].put(rq, &out, &why);
        if (!well[i])
            log_warn("metrics of %s: %s", providers[i].name, why.message);
    }
    prom_family(&out, "plumbline_metrics_up", "gauge",
                "Whether this part of the numbers could be read.");
    for (int i = 0; i < PROVIDERS; i++)
        put_labelled(&out, "plumbline_metrics_up", "part", providers[i].name, well[i]);
    return http_reply_text(rq, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
}

const struct route metrics_routes[] = {
    {.method = HTTP_GET, .path = "/metrics", .who = HTTP_PUBLIC, .run = get_metrics,
     .status = 200, .reply_type = "text/plain", .tag = "Service", .summary = "Prometheus metrics"},
    {0}};
