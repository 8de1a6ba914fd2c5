/* item_search.h - a job's items by filter, a page at a time, at a cost that no page exceeds.
 *
 * Each filter alone has an index in whose order its items are walked, so that ten items of a million
 * are found as quickly as half of them. With several filters the one that fewest items pass is
 * walked and the others are looked at on the way. No request walks far: after some thousand items
 * that do not pass it ends with the page as it is, and the cursor says where to go on. That holds
 * for texts too, which have no index: one over trigrams of a million lines would cost an import more
 * than all the rest of it, and would be asked once in a while by one person, who sees the first
 * finds after milliseconds and the last after a second.
 */
#ifndef PLUMBLINE_STORE_ITEM_SEARCH_H
#define PLUMBLINE_STORE_ITEM_SEARCH_H

#include "plumbline/store/items.h"

enum { ITEM_CURSOR_SIZE = 64 };

struct item_filter { /* all that are set must hold */
    int64_t     job;
    int         state;       /* enum item_state; ITEM_HUMAN also means ITEM_MACHINE; -1: any */
    int         origin;      /* enum item_origin */
    int         class_index; /* -1: any */
    int64_t     annotator;   /* 0: any; else items this person answered */
    double      below;       /* posterior of the label, or without one of the guess, under this;
                                NAN: any */
    const char *text;        /* part of the line; NULL: any */
    int         limit;
};

struct item_page {
    struct item_row *rows; /* texts live in the arena */
    int     count;
    char    next[ITEM_CURSOR_SIZE]; /* empty: that was the last page */
    int64_t reached;       /* line that was looked at last; -1: no order of lines was followed */
};

/* Items in line order, except that a walk along `below` has the least sure first. `after` is the
 * `next` of the page before, or empty or NULL; 422 field.invalid when it is neither. */
bool item_search(struct db *db, const struct item_filter *filter, const char *after,
                 struct arena *a, struct item_page *out, struct error *err);

#endif
