/* tree_out.h - where a tree's files go: entries of a tar, or files in a folder. */
#ifndef PLUMBLINE_EXCHANGE_TREE_OUT_H
#define PLUMBLINE_EXCHANGE_TREE_OUT_H

#include "writer.h"

#include "plumbline/base/clock.h"

struct archive;

struct tree_out {
    struct exporter *x;
    struct archive  *tar;    /* NULL for a folder */
    struct error    *error;  /* where the tar's own writes leave theirs */
    int              folder; /* -1 for a tar */
    int              fd;     /* the file being written */
    bool             deaf;   /* the sink failed and filled *error: nothing more goes to it */
};

/* folder < 0: a tar, pushed through exporter_put. */
bool tree_out_open(struct tree_out *t, struct exporter *x, int folder, struct error *err);
/* One file: begin, then data that adds up to size, then end. Its time stamp is us
 * (microseconds). */
bool tree_out_begin(struct tree_out *t, const char *path, int64_t size, int64_t us,
                    struct error *err);
bool tree_out_data(struct tree_out *t, const void *bytes, size_t size, struct error *err);
bool tree_out_end(struct tree_out *t, struct error *err);
/* Moves a file of the folder into its final place, once everything is on disk; nothing for a
 * tar. */
bool tree_out_settle(struct tree_out *t, const char *from, const char *to, struct error *err);
/* Writes the tar's end. */
bool tree_out_finish(struct tree_out *t, struct error *err);
void tree_out_release(struct tree_out *t);

#endif
