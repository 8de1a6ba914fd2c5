/* task_view.h - a task as its annotator gets it; private to api/. */
#ifndef API_TASK_VIEW_H
#define API_TASK_VIEW_H

#include "item_view.h"
#include "plumbline/engine/dispatch.h"
#include "plumbline/store/work.h"

enum { TASKS_MAX = 256 << 20 }; /* bytes of a reply with tasks */

struct draft_view {
    int64_t revision;
    json_t *value;
};

struct task_view {
    const char       *lease, *item, *job, *source;
    int64_t           line, expires;
    struct media_view media;
    struct draft_view draft;
    bool              has_media, has_draft;
};

extern const struct field task_fields[];

/* The task that the slot is; or the caller's slot on an item. Texts live in the request's arena;
 * drafts are given back by task_view_release. */
bool task_view_of(struct http_request *rq, const struct slot *slot, const struct payload *p,
                  const struct task_type *type, struct task_view *v, struct error *err);
bool task_view_read(struct http_request *rq, struct db *db, int64_t item,
                    const struct task_type *type, struct task_view *v, struct error *err);
void task_view_release(struct task_view *v, size_t n);

/* The JSON value as compact text, in the request's arena: an answer or a draft as it is kept. */
const char *json_kept(struct http_request *rq, json_t *value);

#endif
