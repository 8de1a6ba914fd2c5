/* import_pipe.h - pieces of an import on their way to the writer: while one is written, the next is
 * read; private to engine/. */
#ifndef ENGINE_IMPORT_PIPE_H
#define ENGINE_IMPORT_PIPE_H

#include "plumbline/engine/items.h"
#include "plumbline/store/transfers.h"

#include <semaphore.h>

enum { PIECE_ITEMS = 4096, PIECE_ERRORS = 500 };

struct import_piece {
    struct write        write;
    struct items_piece  work;
    struct arena        texts; /* of the items and errors */
    size_t              bytes; /* of them */
    struct item_in      item[PIECE_ITEMS];
    struct import_error error[PIECE_ERRORS];
    sem_t               idle; /* 1 while the writer does not have it */
};

struct import_pipe;

/* `row` says which import, and how many of its lines are on disk already. */
struct import_pipe *import_pipe_new(struct service *s, const struct import_row *row,
                                    int64_t bytes_total);
void                import_pipe_free(struct import_pipe *p); /* waits for what is under way */

/* The piece that is being filled: the caller counts work.lines, work.n and work.n_errors up. */
struct import_piece *import_pipe_piece(struct import_pipe *p);

bool import_pipe_is_full(const struct import_pipe *p); /* the next call of import_pipe_line sends it */

/* After each line: sends the piece when it is large or old enough. *sent may be NULL. */
bool import_pipe_line(struct import_pipe *p, bool *sent, struct error *err);

/* Sends the rest and waits: true means that everything is on disk. */
bool import_pipe_end(struct import_pipe *p, struct error *err);

#endif
