/* access.c - from a signature to a person. Whose key it is, with the secret that signs, is
 * remembered until a commit takes some right away: then everything is looked up again. */
#include "door.h"

#include "plumbline/auth/sigv4_verify.h"
#include "plumbline/base/clock.h"
#include "plumbline/base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256, SECRET_MAX = 128 };
static const int64_t SEEN_EVERY_US = 60 * SECOND_US;

struct aws_key {
    char access_key_id[ACCESS_KEY_ID_SIZE], secret[SECRET_MAX];
    int64_t id, person, expires, seen;
    unsigned roles, version;
    bool active;
};

struct aws_keys {
    pthread_mutex_t lock;
    struct aws_key slot[SLOTS]; /* by a hash of the id; the newest wins */
};

struct aws_keys *aws_keys_new(void)
{
    struct aws_keys *k = must_alloc(sizeof *k);

    pthread_mutex_init(&k->lock, NULL);
    return k;
}

void aws_keys_free(struct aws_keys *k)
{
    if (!k)
        return;
    pthread_mutex_destroy(&k->lock);
    explicit_bzero(k->slot, sizeof k->slot);
    free(k);
}

static struct aws_key *slot_of(struct aws_keys *k, const char *id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 16777619u;
    return &k->slot[hash % SLOTS];
}

static bool recall(struct aws_keys *k, const char *id, unsigned version, struct aws_key *out)
{
    const struct aws_key *slot;
    bool found;

    pthread_mutex_lock(&k->lock);
    slot = slot_of(k, id);
    found = slot->id && slot->version == version && strcmp(slot->access_key_id, id) == 0;
    if (found)
        *out = *slot;
    pthread_mutex_unlock(&k->lock);
    return found;
}

static void remember(struct aws_keys *k, const struct aws_key *key)
{
    pthread_mutex_lock(&k->lock);
    *slot_of(k, key->access_key_id) = *key;
    pthread_mutex_unlock(&k->lock);
}

/* *found false: nobody has such a key. */
static bool read_key(struct aws_call *c, struct db *db, const char *id, struct aws_key *out,
                     bool *found, struct error *err)
{
    struct api_key key;
    struct person p;

    if (!key_by_access_key(db, id, &c->arena, &key, &p, found, err))
        return false;
    if (!*found)
        return true;
    memcpy(out->access_key_id, id, strlen(id) + 1);
    out->id = key.id;
    out->person = p.id;
    out->expires = key.expires;
    out->seen = key.last_used;
    out->roles = p.role;
    out->active = p.active;
    return vault_unseal(c->aws->service->vault, key.secret, key.secret_size, out->secret,
                        sizeof out->secret, err);
}

static bool look_up(struct aws_call *c, const char *id, struct aws_key *out, bool *found,
                    struct error *err)
{
    struct service *s = c->aws->service;
    struct db *db;
    bool ok;

    *found = false;
    if (strlen(id) >= sizeof out->access_key_id)
        return true;
    out->version = service_access_version(s);
    *found = recall(c->aws->keys, id, out->version, out);
    if (*found)
        return true;
    db = db_pool_take(s->pool, err);
    if (!db)
        return false;
    ok = read_key(c, db, id, out, found, err);
    db_pool_give(s->pool, db);
    if (ok && *found)
        remember(c->aws->keys, out);
    return ok;
}

/* ---- last use: written at most once a minute, and nobody waits for it ---- */

struct seen {
    struct write piece;
    int64_t person, key;
};

static bool write_seen(struct db *db, void *context, struct error *err)
{
    const struct seen *s = context;
    int64_t now = clock_now_us();

    return person_seen(db, s->person, now, err) && key_used(db, s->key, now, err);
}

static void seen_done(struct write *piece)
{
    free(piece);
}

static void note_seen(struct aws_call *c, struct aws_key *key)
{
    int64_t now = clock_now_us();
    struct seen *s;

    if (key->seen <= now && now - key->seen < SEEN_EVERY_US) /* the clock may have gone back */
        return;
    s = must_alloc(sizeof *s);
    s->piece = (struct write){.run = write_seen, .context = s, .done = seen_done};
    s->person = key->person;
    s->key = key->id;
    key->seen = now;
    if (writer_post(c->aws->service->writer, &s->piece, NULL))
        remember(c->aws->keys, key);
    else
        free(s);
}

/* ---- the request ---- */

struct headers {
    struct sigv4_pair v[SIGV4_HEADERS_MAX + 1];
    size_t n;
};

static void take_header(void *context, const char *name, const char *value)
{
    struct headers *h = context;

    if (h->n <= SIGV4_HEADERS_MAX)
        h->v[h->n++] = (struct sigv4_pair){name, value};
}

/* What a canonical request holds besides names is no secret, but for a session's token. */
static void log_canonical(struct aws_call *c, const char *canonical, const struct error *err)
{
    if (log_get_level() <= LOG_DEBUG && !strstr(canonical, "x-amz-security-token"))
        log_debug("id=%s %s canonical request: %s", c->rq->id, err->status ? err->code : "verified",
                  canonical);
}

static bool may_come_in(struct aws_call *c, const struct sigv4_claim *claim,
                        const struct aws_key *key, struct error *err)
{
    if (claim->session_token)
        return aws_refuse(
            err, "UnrecognizedClientException",
            "The keys of this service have no session token; unset AWS_SESSION_TOKEN.");
    if (key->expires && key->expires < clock_now_us())
        return aws_refuse(err, "ExpiredTokenException", "This access key has expired.");
    if (!key->active)
        return aws_refuse(err, "AccessDeniedException",
                          "This access key belongs to somebody who was deactivated.");
    c->person = key->person;
    c->roles = key->roles;
    return true;
}

bool aws_verify(struct aws_call *c, struct error *err)
{
    struct http_request *rq = c->rq;
    struct headers headers = {.n = 0};
    struct sigv4_received received = {.method = "POST",
                                      .path = rq->path,
                                      .query = http_query_raw(rq),
                                      .body = rq->body.data ? rq->body.data : "",
                                      .body_size = rq->body.size};
    struct aws_key key = {0};
    struct sigv4_claim claim;
    const char *canonical = "", *last;
    bool found, ok;

    http_each_header(rq, take_header, &headers);
    received.headers = headers.v;
    received.n_headers = headers.n;
    if (!sigv4_claim_read(&received, "sagemaker", clock_now_us(), &c->arena, &claim, err) ||
        !look_up(c, claim.access_key_id, &key, &found, err))
        return false;
    ok =
        sigv4_claim_check(&received, &claim, found ? key.secret : NULL, &c->arena, &canonical, err);
    log_canonical(c, canonical, err);
    last = strrchr(canonical, '\n');
    if (last && strlen(last + 1) < sizeof c->payload)
        memcpy(c->payload, last + 1, strlen(last + 1) + 1);
    ok = ok && may_come_in(c, &claim, &key, err);
    if (ok)
        note_seen(c, &key);
    explicit_bzero(key.secret, sizeof key.secret);
    return ok;
}
