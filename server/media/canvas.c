/* canvas.c - scaling by area and turning upright, while the rows arrive. */
#include "canvas.h"

#include "plumbline/base/arena.h"

#include <stdlib.h>
#include <string.h>

void canvas_fit(int w, int h, int max_side, int *tw, int *th)
{
    int longer = w > h ? w : h;

    *tw = w;
    *th = h;
    if (max_side <= 0 || longer <= max_side)
        return;
    *tw = (int)(((int64_t)w * max_side + longer / 2) / longer);
    *th = (int)(((int64_t)h * max_side + longer / 2) / longer);
    if (*tw < 1)
        *tw = 1;
    if (*th < 1)
        *th = 1;
}

/* Where pixel (x, y) of the stored picture goes when upright, as start + x step_x + y step_y.
 * EXIF's names: 2 mirrored, 3 upside down, 4 flipped, 5 transposed, 6 to be turned clockwise,
 * 7 transversed, 8 to be turned counter-clockwise. */
static void orient(struct canvas *c, int orientation)
{
    int64_t w = c->tw, h = c->th;

    switch (orientation) {
    case 2:
        c->start = w - 1, c->step_x = -1, c->step_y = w;
        break;
    case 3:
        c->start = w * h - 1, c->step_x = -1, c->step_y = -w;
        break;
    case 4:
        c->start = w * (h - 1), c->step_x = 1, c->step_y = -w;
        break;
    case 5:
        c->start = 0, c->step_x = h, c->step_y = 1;
        break;
    case 6:
        c->start = h - 1, c->step_x = h, c->step_y = -1;
        break;
    case 7:
        c->start = w * h - 1, c->step_x = -h, c->step_y = -1;
        break;
    case 8:
        c->start = h * (w - 1), c->step_x = -h, c->step_y = 1;
        break;
    default:
        c->start = 0, c->step_x = 1, c->step_y = w;
        break;
    }
}

void canvas_open(struct canvas *c, int sw, int sh, int tw, int th, int channels, int orientation,
                 bool scattered, struct image *out)
{
    bool turned = orientation >= 5;

    memset(c, 0, sizeof *c);
    c->out = out;
    c->sw = sw, c->sh = sh, c->tw = tw, c->th = th;
    c->channels = channels;
    c->scaled = tw != sw || th != sh;
    c->scattered = scattered;
    orient(c, orientation);
    if (c->scaled) {
        c->sums = must_alloc((size_t)tw * (scattered ? (size_t)th : 1) * (size_t)channels *
                             sizeof *c->sums);
        c->line = must_alloc((size_t)tw * (size_t)channels);
    }
    memset(out, 0, sizeof *out);
    out->width = turned ? th : tw;
    out->height = turned ? tw : th;
    out->channels = channels;
    out->pixels = must_alloc((size_t)tw * (size_t)th * (size_t)channels);
}

static void put_row(struct canvas *c, int y, const unsigned char *row)
{
    size_t n = (size_t)c->channels;
    int64_t at = c->start + y * c->step_y;

    if (c->step_x == 1) {
        memcpy(c->out->pixels + (size_t)at * n, row, (size_t)c->tw * n);
        return;
    }
    for (int x = 0; x < c->tw; x++, at += c->step_x)
        memcpy(c->out->pixels + (size_t)at * n, row + (size_t)x * n, n);
}

/* Turns the sums of one target row into pixels and hands it on. */
static void put_sums(struct canvas *c, int y, uint64_t *sums)
{
    size_t n = (size_t)c->tw * (size_t)c->channels;
    double scale = 1.0 / ((double)c->sw * c->sh);

    for (size_t i = 0; i < n; i++) {
        c->line[i] = (unsigned char)((double)sums[i] * scale + 0.5);
        sums[i] = 0;
    }
    put_row(c, y, c->line);
}

/* Adds one channel of a source row, times `weight`, to the sums of a target row. */
static inline void add_channel(const struct canvas *c, const unsigned char *p, size_t stride,
                               uint64_t *sums, uint64_t weight)
{
    uint64_t unit = (uint64_t)c->tw, left = unit;

    for (int t = 0; t < c->tw; t++, sums += stride) {
        uint64_t need = (uint64_t)c->sw, whole = 0, sum;
        uint64_t take = left < need ? left : need;

        sum = take * *p; /* what is left of the pixel that the last target ended in */
        need -= take;
        left -= take;
        if (left == 0)
            p += stride, left = unit;
        for (; need >= unit; need -= unit, p += stride)
            whole += *p;
        sum += whole * unit;
        if (need > 0) {
            sum += need * *p;
            left -= need;
        }
        *sums += sum * weight;
    }
}

static void add_row(const struct canvas *c, const unsigned char *row, uint64_t weight)
{
    if (c->channels == 1) {
        add_channel(c, row, 1, c->sums, weight);
        return;
    }
    for (int i = 0; i < 3; i++)
        add_channel(c, row + i, 3, c->sums + i, weight);
}

void canvas_row(struct canvas *c, int y, const unsigned char *row)
{
    int64_t at = (int64_t)y * c->th, end = at + c->th;

    if (!c->scaled) {
        put_row(c, y, row);
        return;
    }
    while (at < end) {
        int64_t edge = (int64_t)(c->next_y + 1) * c->sh;
        int64_t stop = edge < end ? edge : end;

        add_row(c, row, (uint64_t)(stop - at));
        if (stop == edge)
            put_sums(c, c->next_y++, c->sums);
        at = stop;
    }
}

/* The one or two target pixels that a source pixel falls on, and its overlap with each. Only for
 * scaling down, as canvas_fit() gives it. */
struct overlap {
    int64_t first;
    uint64_t weight[2];
};

static struct overlap overlap_of(int64_t x, int64_t source, int64_t target)
{
    int64_t from = x * target, edge;
    struct overlap o = {.first = from / source};

    edge = (o.first + 1) * source;
    o.weight[0] = (uint64_t)(from + target <= edge ? target : edge - from);
    o.weight[1] = (uint64_t)target - o.weight[0];
    return o;
}

void canvas_scatter(struct canvas *c, int y, int x0, int dx, int count, const unsigned char *pixels)
{
    size_t n = (size_t)c->channels;
    struct overlap v, h;

    if (!c->scaled) {
        for (int i = 0; i < count; i++, pixels += n) {
            int64_t at = c->start + (x0 + (int64_t)i * dx) * c->step_x + y * c->step_y;
            memcpy(c->out->pixels + (size_t)at * n, pixels, n);
        }
        return;
    }
    v = overlap_of(y, c->sh, c->th);
    for (int i = 0; i < count; i++, pixels += n) {
        h = overlap_of(x0 + (int64_t)i * dx, c->sw, c->tw);
        for (int j = 0; j < 4; j++) {
            uint64_t weight = h.weight[j & 1] * v.weight[j >> 1];
            int64_t at = (v.first + (j >> 1)) * c->tw + h.first + (j & 1);

            for (size_t k = 0; weight && k < n; k++)
                c->sums[(size_t)at * n + k] += weight * pixels[k];
        }
    }
}

void canvas_finish(struct canvas *c)
{
    if (!c->scaled || !c->scattered)
        return;
    for (int y = 0; y < c->th; y++)
        put_sums(c, y, c->sums + (size_t)y * (size_t)c->tw * (size_t)c->channels);
}

void canvas_release(struct canvas *c)
{
    free(c->sums);
    free(c->line);
    c->sums = NULL;
    c->line = NULL;
}

void image_resize(const struct image *in, int width, int height, struct image *out)
{
    struct canvas c;
    size_t row = (size_t)in->width * (size_t)in->channels;

    canvas_open(&c, in->width, in->height, width, height, in->channels, 1, false, out);
    for (int y = 0; y < in->height; y++)
        canvas_row(&c, y, in->pixels + (size_t)y * row);
    canvas_release(&c);
}

void image_release(struct image *image)
{
    free(image->pixels);
    memset(image, 0, sizeof *image);
}
