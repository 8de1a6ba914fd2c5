/* addresses.c - from where annotators may come: the workforce's SourceIpConfig, enforced.
 *
 * The list is read when somebody asks after a commit that touched the workforce, and remembered.
 * Without a list a request costs a comparison of two numbers. Reviewers, leads and admins come in
 * from everywhere, so that nobody can lock himself out. */
#include "context.h"

#include "plumbline/store/aws.h"

#include <pthread.h>
#include <stdlib.h>

enum { BLOCKS_MAX = 10 }; /* as the door's model has it */

struct allow_list {
    bool        open; /* no list: everybody */
    int         n;
    struct cidr block[BLOCKS_MAX];
};

struct addresses {
    atomic_ullong     open_at; /* 1 + the workforce's version at which there was no list; 0: none */
    pthread_mutex_t   lock;    /* of what follows */
    bool              known;
    unsigned          version;
    struct allow_list list;
};

struct addresses *addresses_new(void)
{
    struct addresses *a = must_alloc(sizeof *a);

    pthread_mutex_init(&a->lock, NULL);
    return a;
}

void addresses_free(struct addresses *a)
{
    if (!a)
        return;
    pthread_mutex_destroy(&a->lock);
    free(a);
}

/* ---- reading the list ---- */

/* What is no block (nobody writes such a row but by hand) lets nobody in. */
static bool parse(const char *config, struct allow_list *out, struct error *err)
{
    json_t *root = json_loads(config, 0, NULL);
    json_t *cidrs = json_object_get(json_object_get(root, "SourceIpConfig"), "Cidrs"), *text;
    size_t i;

    if (!root)
        return error_internal(err, "the workforce's configuration is no JSON");
    *out = (struct allow_list){.open = json_array_size(cidrs) == 0};
    json_array_foreach(cidrs, i, text) {
        const char *block = json_string_value(text);

        if (out->n < BLOCKS_MAX && block && cidr_read(block, &out->block[out->n]))
            out->n++;
    }
    json_decref(root);
    return true;
}

static bool read_list(struct http_request *rq, struct allow_list *out, struct error *err)
{
    struct db_pool *pool = service_of(rq)->pool;
    struct db *db = db_pool_take(pool, err);
    struct workforce w;
    bool ok, found;

    if (!db)
        return false;
    ok = workforce_get(db, &rq->arena, &w, &found, err);
    db_pool_give(pool, db);
    if (ok && !found)
        *out = (struct allow_list){.open = true};
    return ok && (!found || parse(w.config, out, err));
}

static bool recall(struct addresses *a, unsigned version, struct allow_list *out)
{
    bool known;

    pthread_mutex_lock(&a->lock);
    known = a->known && a->version == version;
    if (known)
        *out = a->list;
    pthread_mutex_unlock(&a->lock);
    return known;
}

/* `version` is of before the list was read: one that changed meanwhile is read again. */
static void remember(struct addresses *a, unsigned version, const struct allow_list *list)
{
    pthread_mutex_lock(&a->lock);
    a->known = true;
    a->version = version;
    a->list = *list;
    atomic_store(&a->open_at, list->open ? 1ull + version : 0);
    pthread_mutex_unlock(&a->lock);
}

static bool current(struct http_request *rq, struct allow_list *out, struct error *err)
{
    struct addresses *a = api_of(rq)->addresses;
    unsigned version = service_workforce_version(service_of(rq));

    out->open = atomic_load(&a->open_at) == 1ull + version;
    if (out->open || recall(a, version, out))
        return true;
    if (!read_list(rq, out, err))
        return false;
    remember(a, version, out);
    return true;
}

/* ---- asking ---- */

struct caller caller_of(struct http_request *rq)
{
    struct caller c = {0};

    c.known = http_remote(rq, &c.address);
    return c;
}

static bool holds(const struct allow_list *list, const struct caller *c)
{
    for (int i = 0; i < list->n; i++)
        if (list->block[i].bits == 0 || (c->known && cidr_holds(&list->block[i], &c->address)))
            return true;
    return false;
}

bool addresses_admit(struct http_request *rq, unsigned role, const struct caller *from,
                     struct error *err)
{
    struct allow_list list;
    struct caller here;

    if (rq->local || role != ROLE_ANNOTATOR)
        return true;
    if (!current(rq, &list, err))
        return false;
    if (list.open)
        return true;
    if (!from) {
        here = caller_of(rq);
        from = &here;
    }
    return holds(&list, from) ||
           error_set(err, 404, "workforce.address", "",
                     "Annotators are not let in from this network address. Ask whoever runs this "
                     "service.");
}
