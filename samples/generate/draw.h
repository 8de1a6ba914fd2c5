/* draw.h - anti-aliased shapes on an RGB picture.
 *
 * A thing is drawn in its own coordinates, x to the right and y down, about -1..1 wide and high; a
 * `struct pose` puts it on the picture. Edges are blended by how far a pixel's centre is from them.
 */
#ifndef SAMPLES_DRAW_H
#define SAMPLES_DRAW_H

#include "plumbline/media/image.h"
#include "random.h"

struct colour {
    double red, green, blue; /* 0..255 */
};

struct pose {
    double x, y;     /* pixels: where (0, 0) goes             */
    double scale;    /* pixels a unit                         */
    double cos, sin; /* of the turn, clockwise on the screen  */
    double mirror;   /* 1, or -1 for left and right exchanged */
};

struct pose pose_make(double x, double y, double scale, double degrees, bool mirrored);

/* Corners x0, y0, x1, y1, ...; `count` of them, at most 16. */
void draw_polygon(struct image *on, const struct pose *pose, struct colour ink,
                  const double *corners, int count);
void draw_rectangle(struct image *on, const struct pose *pose, struct colour ink, double left,
                    double top, double right, double bottom);
void draw_circle(struct image *on, const struct pose *pose, struct colour ink, double x, double y,
                 double radius);

/* From one colour at the top to another at the bottom. */
void draw_gradient(struct image *on, struct colour top, struct colour bottom);

/* Adds noise of the standard deviation `sigma`, about normal, to each sample. */
void draw_noise(struct image *on, struct random *r, double sigma);

struct colour colour_from_hue(double hue, double saturation, double value); /* 0..1 each */
struct colour colour_random(struct random *r);

/* Hue, saturation and value by chance, each between two bounds. */
struct colour colour_between(struct random *r, double hue_low, double hue_high,
                             double saturation_low, double saturation_high, double value_low,
                             double value_high);

#endif
