/* item_view.h - how an item looks in lists and to annotators; private to api/. */
#ifndef API_ITEM_VIEW_H
#define API_ITEM_VIEW_H

#include "context.h"
#include "plumbline/store/items.h"

struct media_view {
    const char *url, *preview;
    int64_t     width, height;
};

extern const struct field media_view_fields[];

/* URLs and upright size of an item's picture. */
struct media_view media_view(struct arena *a, int64_t item, const struct payload *p);

/* The first `limit` code points of the item's text, with an ellipsis when there is more. */
const char *text_excerpt(struct http_request *rq, const struct payload *p, size_t limit);

#endif
