/* sessions.h - how somebody comes in, by a password or by a link: a new session, and the reply that
 * sets its cookie; private to api/. */
#ifndef API_SESSIONS_H
#define API_SESSIONS_H

#include "context.h"

enum { SESSION_DAYS = 1 };

struct sign_in_body {
    const char *name, *password;
    bool        keep;
};

struct entering {
    struct person person;
    char          token[SECRET_TOKEN_SIZE], csrf[SECRET_TOKEN_SIZE];
    int64_t       seconds;
    const char   *name; /* as typed, for the count of failures */
    int64_t       failures, locked_until, now;
    struct caller from;
};

extern const struct field sign_in_fields[], session_view_fields[];

/* For the writer: a session of `seconds` for the person, its secrets into token and csrf. */
bool session_open(struct db *db, struct entering *e, struct error *err);

/* A finish: the cookie and who it is. rq->user is the struct entering. */
bool session_entered(struct http_request *rq, struct error *err);

#endif
