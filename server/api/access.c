/* access.c - from a cookie or a token to a person and a role. */
#include "context.h"

#include "plumbline/base/clock.h"

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

static void note_seen(struct http_request *rq, const struct person *p, int64_t key)
{
    struct seen *s;

    if (clock_now_us() - p->last_seen < SEEN_EVERY_US)
        return;
    s = must_alloc(sizeof *s);
    s->piece = (struct write){.run = write_seen, .context = s, .done = seen_done};
    s->person = p->id;
    s->key = key;
    if (!writer_post(service_of(rq)->writer, &s->piece, NULL))
        free(s);
}

static void is(struct http_request *rq, const struct person *p, int64_t session)
{
    rq->person = p->id;
    rq->roles = p->role;
    rq->session = session;
}

/* ---- credentials ---- */

static bool by_token(struct http_request *rq, const char *token, struct db *db, struct error *err)
{
    uint8_t hash[SECRET_HASH_SIZE];
    struct api_key key;
    struct person p;

    token_hash(token, hash);
    if (!key_by_token(db, hash, clock_now_us(), &rq->arena, &key, &p, err))
        return false;
    is(rq, &p, key.id);
    note_seen(rq, &p, key.id);
    return true;
}

static bool is_unsafe(enum http_method method)
{
    return method != HTTP_GET;
}

static bool by_cookie(struct http_request *rq, const char *cookie, struct db *db,
                      struct error *err)
{
    const char *csrf = http_header(rq, "X-CSRF-Token");
    uint8_t hash[SECRET_HASH_SIZE];
    struct session session;
    struct person p;

    token_hash(cookie, hash);
    if (!session_get(db, hash, clock_now_us(), &rq->arena, &session, &p, err))
        return false;
    if (is_unsafe(rq->route->method) && (!csrf || !token_equal(csrf, session.csrf)))
        return error_set(err, 403, "csrf.invalid", "",
                         "The page is out of date. Please load it again and repeat.");
    is(rq, &p, session.id);
    rq->by_cookie = true;
    note_seen(rq, &p, 0);
    return true;
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
    struct db_pool *pool = service_of(rq)->pool;
    struct db *db;
    bool ok;

    if (!token && rq->local) { /* file permissions have let it in */
        rq->roles = WHO_ANNOTATOR;
        return true;
    }
    if (!token && !cookie)
        return true;
    db = db_pool_take(pool, err);
    if (!db)
        return false;
    ok = token ? by_token(rq, token, db, err) : by_cookie(rq, cookie, db, err);
    db_pool_give(pool, db);
    return ok;
}
