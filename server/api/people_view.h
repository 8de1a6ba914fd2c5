/* people_view.h - how a person looks in the API; private to api/. */
#ifndef API_PEOPLE_VIEW_H
#define API_PEOPLE_VIEW_H

#include "context.h"

struct person_row {
    const char *id, *name, *role;
    bool        active;
    int64_t     created, last_seen, answers;
};

extern const struct field person_fields[];

struct person_row person_row(struct http_request *rq, const struct person *p);
struct objects    person_rows(struct http_request *rq, const struct person *list, int count);

#endif
