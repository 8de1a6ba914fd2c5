/* s3_batch.c - many PUTs at once on kept connections: one thread drives them all by libcurl's multi
 * interface. Whoever adds waits while enough of them wait; the first that fails for good ends it. */
#include "s3_internal.h"

#include "plumbline/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 250 }; /* at most so late is it seen that the client was stopped */

struct queue {
    struct s3_job *first, **last;
    int            n;
    size_t         bytes;
};

struct s3_batch {
    struct s3      *s;
    CURLM          *multi;
    int             connections, waiting;
    size_t          bytes;
    pthread_t       thread;
    bool            started;
    pthread_mutex_t lock;    /* of what follows */
    pthread_cond_t  changed; /* a job ended or was begun */
    struct queue    queue;
    int             running;
    bool            closing, failed;
    struct error    failure;
    struct s3_job  *active, *later; /* of the thread: on their way; to be tried again, by no order */
};

static void queue_add(struct queue *q, struct s3_job *job)
{
    job->next = NULL;
    *q->last = job;
    q->last = &job->next;
    q->n++;
    q->bytes += job->call.size;
}

static struct s3_job *queue_take(struct queue *q)
{
    struct s3_job *job = q->first;

    if (!job)
        return NULL;
    q->first = job->next;
    if (!q->first)
        q->last = &q->first;
    q->n--;
    q->bytes -= job->call.size;
    return job;
}

/* ---- the thread ---- */

/* A job has ended: with err, for good. */
static void end_job(struct s3_batch *b, struct s3_job *job, const struct error *err)
{
    pthread_mutex_lock(&b->lock);
    if (err && !b->failed) {
        b->failed = true;
        b->failure = *err;
    }
    b->running--;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    s3_job_free(job);
}

static void start_job(struct s3_batch *b, struct s3_job *job)
{
    struct error err = {0};

    if (s3_exchange_prepare(&job->x, &err)) {
        curl_easy_setopt(job->x.curl, CURLOPT_PRIVATE, job);
        curl_multi_add_handle(b->multi, job->x.curl);
        job->next = b->active;
        b->active = job;
    } else {
        end_job(b, job, &err);
    }
}

static void stop_job(struct s3_batch *b, struct s3_job *job)
{
    struct s3_job **at = &b->active;

    curl_multi_remove_handle(b->multi, job->x.curl);
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
}

static void judge_job(struct s3_batch *b, struct s3_job *job, CURLcode rc)
{
    struct error err = {0};
    enum s3_verdict verdict = s3_exchange_judge(&job->x, rc, &err);
    int pause = 0;

    if (verdict == S3_DONE && !s3_put_done(&job->x, job->etag, &err))
        verdict = S3_FAILED;
    if (verdict == S3_LATER && (pause = s3_exchange_pause(&job->x, &err)) < 0)
        verdict = S3_FAILED;
    if (verdict == S3_AGAIN || verdict == S3_LATER) {
        job->due = clock_monotonic_us() + pause * INT64_C(1000);
        job->next = b->later;
        b->later = job;
    } else {
        end_job(b, job, verdict == S3_DONE ? NULL : &err);
    }
}

/* Starts what is due and what there is room for. Milliseconds until the next one is due. */
static int start_due(struct s3_batch *b)
{
    int64_t now = clock_monotonic_us();
    int wait = LOOK_MS;

    for (struct s3_job **at = &b->later, *job; (job = *at) != NULL;) {
        if (job->due <= now || atomic_load(&b->s->stopped)) {
            *at = job->next;
            start_job(b, job);
        } else {
            int ms = (int)((job->due - now) / 1000) + 1;

            wait = ms < wait ? ms : wait;
            at = &job->next;
        }
    }
    for (;;) {
        struct s3_job *job = NULL;

        pthread_mutex_lock(&b->lock);
        if (b->running < b->connections && !b->failed && !b->closing)
            job = queue_take(&b->queue);
        if (job) {
            b->running++;
            pthread_cond_broadcast(&b->changed);
        }
        pthread_mutex_unlock(&b->lock);
        if (!job)
            return wait;
        start_job(b, job);
    }
}

static void take_ended(struct s3_batch *b)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(b->multi, &left)) != NULL) {
        CURL *curl = message->easy_handle;
        CURLcode rc = message->data.result;
        char *job = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &job);
        stop_job(b, (struct s3_job *)(void *)job);
        judge_job(b, (struct s3_job *)(void *)job, rc);
    }
}

static bool goes_on(struct s3_batch *b)
{
    bool on;

    pthread_mutex_lock(&b->lock);
    on = !b->closing;
    pthread_mutex_unlock(&b->lock);
    return on;
}

static void *drive(void *context)
{
    struct s3_batch *b = context;

    while (goes_on(b)) {
        int wait = start_due(b), running;

        curl_multi_perform(b->multi, &running);
        take_ended(b);
        curl_multi_poll(b->multi, NULL, 0, wait, NULL);
    }
    return NULL;
}

/* ---- outside ---- */

struct s3_batch *s3_batch_new(struct s3 *s, int connections, int waiting, size_t bytes)
{
    struct s3_batch *b = must_alloc(sizeof *b);

    b->s = s;
    b->connections = connections;
    b->waiting = waiting;
    b->bytes = bytes;
    b->queue.last = &b->queue.first;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    b->multi = curl_multi_init();
    if (!b->multi)
        abort(); /* memory is out: the end that must_alloc makes */
    curl_multi_setopt(b->multi, CURLMOPT_MAXCONNECTS, (long)connections);
    return b;
}

static bool start_thread(struct s3_batch *b, struct error *err)
{
    if (b->started)
        return true;
    b->started = pthread_create(&b->thread, NULL, drive, b) == 0;
    return b->started || error_internal(err, "The thread that puts objects cannot be started.");
}

static bool told(struct s3_batch *b, struct error *err)
{
    if (b->failed && err)
        *err = b->failure;
    return !b->failed;
}

bool s3_batch_add(struct s3_batch *b, struct s3_job *job, struct error *err)
{
    bool ok = start_thread(b, err);

    if (ok) {
        pthread_mutex_lock(&b->lock);
        while (!b->failed && b->queue.n > 0 &&
               (b->queue.n >= b->waiting || b->queue.bytes + job->call.size > b->bytes))
            pthread_cond_wait(&b->changed, &b->lock);
        ok = told(b, err);
        if (ok)
            queue_add(&b->queue, job);
        pthread_mutex_unlock(&b->lock);
    }
    if (ok)
        curl_multi_wakeup(b->multi);
    else
        s3_job_free(job);
    return ok;
}

bool s3_batch_wait(struct s3_batch *b, struct error *err)
{
    bool ok;

    pthread_mutex_lock(&b->lock);
    while (b->running > 0 || (b->queue.n > 0 && !b->failed))
        pthread_cond_wait(&b->changed, &b->lock);
    ok = told(b, err);
    pthread_mutex_unlock(&b->lock);
    return ok;
}

void s3_batch_free(struct s3_batch *b)
{
    struct s3_job *job;

    if (!b)
        return;
    pthread_mutex_lock(&b->lock);
    b->closing = true;
    pthread_mutex_unlock(&b->lock);
    if (b->started) {
        curl_multi_wakeup(b->multi);
        pthread_join(b->thread, NULL);
    }
    while ((job = queue_take(&b->queue)) != NULL)
        s3_job_free(job);
    while ((job = b->active) != NULL) {
        stop_job(b, job);
        s3_job_free(job);
    }
    while ((job = b->later) != NULL) {
        b->later = job->next;
        s3_job_free(job);
    }
    curl_multi_cleanup(b->multi);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free(b);
}
