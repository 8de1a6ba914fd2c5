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

/* Whether there is a picture to see, or was when it was last looked for. */
bool media_is_there(const struct payload *p);

/* URLs and upright size of an item's picture. Where browsers are to read it from its bucket, the URL
 * is good for `seconds`. */
struct media_view media_view(struct http_request *rq, int64_t item, const struct payload *p,
                             int64_t seconds);

/* Of the browsers' policy: where they may read pictures from beside this service; NULL: nowhere. */
const char *media_origins(struct http_request *rq);

/* The first `limit` code points of the item's text, with an ellipsis when there is more. */
const char *text_excerpt(struct http_request *rq, const struct payload *p, size_t limit);

#endif
