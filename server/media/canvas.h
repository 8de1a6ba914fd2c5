/* canvas.h - where decoded rows go: scaled down and turned upright on the way.
 *
 * A decoder opens a canvas with the size of what it will deliver, hands over each row once, and
 * finishes. Row by row from the top the canvas keeps one row of sums beside the picture; in the
 * order of an interlaced PNG it keeps a sum for every pixel of the result.
 *
 * Scaling is by area in whole numbers: with a source of sw pixels and a target of tw, a source
 * pixel is tw units wide and a target pixel sw units, so each overlap is a whole number of units
 * and the weights of one target pixel add up to sw (and sh in the other direction) exactly.
 */
#ifndef MEDIA_CANVAS_H
#define MEDIA_CANVAS_H

#include "plumbline/media/image.h"

struct canvas {
    struct image *out;
    int sw, sh;    /* what is delivered                                   */
    int tw, th;    /* what is kept, not yet turned                        */
    int channels;  /* 1 or 3                                              */
    bool scaled;   /* tw x th differs from sw x sh                        */
    int64_t start; /* pixel of *out where (0, 0) of the unturned one goes */
    int64_t step_x, step_y;
    int next_y;          /* target row being summed                             */
    uint64_t *sums;      /* of one target row, or of all when scattered         */
    unsigned char *line; /* one target row, finished                            */
    bool scattered;
};

/* The size that a picture of w x h comes down to when its longer side may be max_side (0: any). */
void canvas_fit(int w, int h, int max_side, int *tw, int *th);

/* Allocates *out (tw x th, or th x tw for orientations 5..8) and what is needed meanwhile. */
void canvas_open(struct canvas *c, int sw, int sh, int tw, int th, int channels, int orientation,
                 bool scattered, struct image *out);

/* Row number y, each once and in order. */
void canvas_row(struct canvas *c, int y, const unsigned char *row);

/* `count` pixels of row y at x0, x0 + dx, ...; any order, each pixel of the picture once. */
void canvas_scatter(struct canvas *c, int y, int x0, int dx, int count,
                    const unsigned char *pixels);

/* Completes a scattered picture; nothing to do for rows. */
void canvas_finish(struct canvas *c);

/* Frees what was needed meanwhile, not *out; safe on a zeroed canvas. */
void canvas_release(struct canvas *c);

#endif
