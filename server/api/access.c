/* access.c - from a cookie or a token to a person and a role. */
#include "context.h"

#include "plumbline/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const int64_t SEEN_EVERY_US = 60 * SECOND_US;

const char *access_role_name(unsigned bit)
{
    return role_name(bit);
}

bool access_forbid(struct http_request *rq, struct error *err)
{
    unsigned who = rq->route->who;
    const char *needed = who & ROLE_ANNOTATOR ? "annotator"
                         : who & ROLE_REVIEWER ? "reviewer"
                         : who & ROLE_LEAD     ? "lead"
                                               : "admin";

    return error_set(err, 403, "role.forbidden", "",
                     "This needs the role \"%s\"; an admin can give it to you.", needed);
}

/* ---- last seen: written at most once a minute, and nobody waits for it ---- */

struct seen {
    struct write piece;
    int64_t      person, key;
};

static bool write_seen(struct db *db, void *context, struct error *err)
{
    struct seen *s = context;
    int64_t now = clock_now_us();

    return person_seen(db, s->person, now, err) && (s->key == 0 || key_used(db, s->key, now, err));
}

static void seen_done(struct write *piece)
{
    free(piece);
}

static void note_seen(struct http_request *rq, struct credential *c)
{
    int64_t now = clock_now_us();
    struct seen *s;

    if (c->last_seen <= now && now - c->last_seen < SEEN_EVERY_US) /* the clock may have gone back */
        return;
    s = must_alloc(sizeof *s);
    s->piece = (struct write){.run = write_seen, .context = s, .done = seen_done};
    s->person = c->person;
    s->key = c->by_cookie ? 0 : c->id;
    if (writer_post(service_of(rq)->writer, &s->piece, NULL))
        c->last_seen = now;
    else
        free(s);
}

/* ---- credentials ---- */

static bool read_key(struct http_request *rq, struct db *db, struct credential *c,
                     struct error *err)
{
    struct api_key key;
    struct person p;

    if (!key_by_token(db, c->hash, clock_now_us(), &rq->arena, &key, &p, err))
        return false;
    c->person = p.id;
    c->roles = p.role;
    c->last_seen = p.last_seen;
    c->id = key.id;
    c->expires = key.expires;
    return true;
}

static bool read_session(struct http_request *rq, struct db *db, struct credential *c,
                         struct error *err)
{
    struct session session;
    struct person p;

    if (!session_get(db, c->hash, clock_now_us(), &rq->arena, &session, &p, err))
        return false;
    c->person = p.id;
    c->roles = p.role;
    c->last_seen = p.last_seen;
    c->id = session.id;
    c->expires = session.expires;
    snprintf(c->csrf, sizeof c->csrf, "%s", session.csrf);
    return true;
}

static bool look_up(struct http_request *rq, struct credential *c, struct error *err)
{
    struct db_pool *pool = service_of(rq)->pool;
    struct db *db = db_pool_take(pool, err);
    bool ok;

    if (!db)
        return false;
    ok = (c->by_cookie ? read_session : read_key)(rq, db, c, err);
    db_pool_give(pool, db);
    return ok;
}

/* Fills the rest of *c, which knows how it came and what the text was. */
static bool identify(struct http_request *rq, struct credential *c, const char *text,
                     struct error *err)
{
    struct access_cache *cache = api_of(rq)->access;
    struct credential known;
    int64_t seen;
    uint64_t version;
    bool cached;

    token_hash(text, c->hash);
    cached = access_cache_find(cache, c->hash, &known, &version) &&
             known.by_cookie == c->by_cookie;
    if (cached)
        *c = known;
    else if (!look_up(rq, c, err))
        return false;
    seen = c->last_seen;
    note_seen(rq, c);
    if (!cached || c->last_seen != seen)
        access_cache_put(cache, c, version);
    return true;
}

static bool is_unsafe(enum http_method method)
{
    return method != HTTP_GET;
}

static bool check_csrf(struct http_request *rq, const struct credential *c, struct error *err)
{
    const char *csrf = http_header(rq, "X-CSRF-Token");

    return !is_unsafe(rq->route->method) || (csrf && token_equal(csrf, c->csrf)) ||
           error_set(err, 403, "csrf.invalid", "",
                     "The page is out of date. Please load it again and repeat.");
}

static const char *bearer(const struct http_request *rq)
{
    const char *header = http_header(rq, "Authorization");
    static const char *const schemes[] = {"Bearer ", "Token "};

    for (size_t i = 0; header && i < 2; i++)
        if (strncasecmp(header, schemes[i], strlen(schemes[i])) == 0)
            return header + strlen(schemes[i]);
    return NULL;
}

bool access_authenticate(struct http_request *rq, struct error *err)
{
    const char *token = bearer(rq), *cookie = http_cookie(rq, "plumbline");
    struct credential c = {.by_cookie = !token};

    if (!token && rq->local) { /* file permissions have let it in */
        rq->roles = WHO_ANNOTATOR;
        return true;
    }
    if (!token && !cookie)
        return true;
    if (!identify(rq, &c, token ? token : cookie, err) ||
        !addresses_admit(rq, c.roles, NULL, err) ||
        (c.by_cookie && !check_csrf(rq, &c, err)))
        return false;
    rq->person = c.person;
    rq->roles = c.roles;
    rq->session = c.id;
    rq->by_cookie = c.by_cookie;
    return true;
}
