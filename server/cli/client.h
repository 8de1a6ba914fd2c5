/* client.h - the command line as a client of the REST API over the data folder's Unix socket.
 *
 * While `serve` runs, its socket is used; otherwise the client opens the data folder itself, under
 * the same lock, and answers its own calls: there is one code path for both. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "plumbline/base/arena.h"
#include "plumbline/base/error.h"

#include <jansson.h>

struct client;

/* 1 when another process holds the folder without answering, or (unless `create`) when there is no
 * database in it: a mistyped folder must not become a new one. The caller closes. */
struct client *client_open(const char *data_dir, bool create, struct error *err);
/* Only to a service that runs; 1 when none does. */
struct client *client_open_running(const char *data_dir, struct error *err);
struct client *client_to(const char *socket_path); /* a service of this very process */
void           client_close(struct client *c); /* NULL is fine */

/* Calls a route. `body` is taken (may be NULL). *reply (may be NULL) gets the JSON answer, a new
 * reference, NULL for 204. An answer of 400 or more is an error with its sentence. */
bool client_call(struct client *c, const char *method, const char *path, json_t *body,
                 json_t **reply, struct error *err);

/* Writes what a route answers to an open file. */
bool client_download(struct client *c, const char *path, int fd, struct error *err);

/* Calls GET path twice a second until its "state" is no longer "running"; shows `what` and progress
 * on a terminal. *reply gets the last answer. */
bool client_wait(struct client *c, const char *path, const char *what, json_t **reply,
                 struct error *err);

/* Percent-encodes a path part. */
const char *client_escape(struct arena *a, const char *text);

#endif
