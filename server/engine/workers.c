/* workers.c - people as the workers of Ground Truth's trees. */
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>

/* What readers of a tree see as the place that people sign in at, where the
 * service listens nowhere. */
static const char local_issuer[] = "http://127.0.0.1:8080";

static void name_worker(const struct service *s, int64_t person, struct worker_name *out)
{
    const char *region = s->config.aws_region ? s->config.aws_region : "us-east-1";
    uint8_t id[PSEUDONYM_SIZE], sub[PSEUDONYM_SIZE];

    vault_pseudonym(s->vault, "worker", person, id);
    vault_pseudonym(s->vault, "worker.sub", person, sub);
    sub[6] = (uint8_t)((sub[6] & 0x0f) | 0x80); /* RFC 9562: version 8, made in a way of our own */
    sub[8] = (uint8_t)((sub[8] & 0x3f) | 0x80);
    out->person = person;
    snprintf(out->id, sizeof out->id, "private.%.60s.%02x%02x%02x%02x%02x%02x%02x%02x", region,
             id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7]);
    snprintf(out->sub, sizeof out->sub,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", sub[0],
             sub[1], sub[2], sub[3], sub[4], sub[5], sub[6], sub[7], sub[8], sub[9], sub[10],
             sub[11], sub[12], sub[13], sub[14], sub[15]);
}

struct export_answer worker_answer(struct workers *w, const struct scanned_answer *a,
                                   struct arena *arena)
{
    struct worker_name *name = &w->v[(uint64_t)a->person % WORKERS_KEPT];
    const char *issuer = w->service->config.public_url;
    int *class_index = arena_alloc(arena, sizeof *class_index);

    if (name->person != a->person)
        name_worker(w->service, a->person, name);
    *class_index = a->class_index;
    return (struct export_answer){.worker = arena_strdup(arena, name->id),
                                  .provider = "Cognito",
                                  .issuer = issuer ? issuer : local_issuer,
                                  .sub = arena_strdup(arena, name->sub),
                                  .accepted_us = a->accepted,
                                  .submitted_us = a->created,
                                  .seconds = (double)a->active_ms / 1000,
                                  .answer = {class_index, a->class_index >= 0}};
}

/* Ties are settled too: the same answers are the same bytes whatever order they were read in. */
static int by_time(const void *a, const void *b)
{
    const struct export_answer *x = a, *y = b;

    if (x->accepted_us != y->accepted_us)
        return x->accepted_us < y->accepted_us ? -1 : 1;
    return strcmp(x->worker, y->worker);
}

void worker_answers_sort(struct export_answer *v, size_t n)
{
    if (n > 1)
        qsort(v, n, sizeof *v, by_time);
}
