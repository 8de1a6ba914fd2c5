/* draw.c - shapes by signed distance: inside is negative, and half a pixel either way is the edge.
 */
#include "draw.h"

#include <math.h>

enum { CORNERS_MAX = 16 };

struct pose pose_make(double x, double y, double scale, double degrees, bool mirrored)
{
    double angle = degrees * 3.14159265358979323846 / 180;

    return (struct pose){x, y, scale, cos(angle), sin(angle), mirrored ? -1 : 1};
}

static void place(const struct pose *p, double x, double y, double *px, double *py)
{
    x *= p->mirror;
    *px = p->x + p->scale * (x * p->cos - y * p->sin);
    *py = p->y + p->scale * (x * p->sin + y * p->cos);
}

static unsigned char clamp(double v)
{
    return v <= 0 ? 0 : v >= 255 ? 255 : (unsigned char)(v + 0.5);
}

static void blend(unsigned char *pixel, struct colour ink, double cover)
{
    pixel[0] = clamp(pixel[0] + (ink.red - pixel[0]) * cover);
    pixel[1] = clamp(pixel[1] + (ink.green - pixel[1]) * cover);
    pixel[2] = clamp(pixel[2] + (ink.blue - pixel[2]) * cover);
}

static int limit(double v, int max)
{
    return v < 0 ? 0 : v > max ? max : (int)v;
}

/* Pixels from the edge of a polygon with corners in pixels; negative inside (even-odd). */
static double polygon_distance(const double *c, int n, double x, double y)
{
    double nearest = 1e18;
    bool inside = false;

    for (int i = 0, j = n - 1; i < n; j = i++) {
        double ax = c[2 * j], ay = c[2 * j + 1], bx = c[2 * i], by = c[2 * i + 1];
        double ex = bx - ax, ey = by - ay, t, dx, dy, length = ex * ex + ey * ey;

        t = length > 0 ? ((x - ax) * ex + (y - ay) * ey) / length : 0;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        dx = x - ax - t * ex;
        dy = y - ay - t * ey;
        nearest = fmin(nearest, dx * dx + dy * dy);
        if ((ay > y) != (by > y) && x < ax + ex * (y - ay) / ey)
            inside = !inside;
    }
    return inside ? -sqrt(nearest) : sqrt(nearest);
}

void draw_polygon(struct image *on, const struct pose *pose, struct colour ink,
                  const double *corners, int count)
{
    double c[2 * CORNERS_MAX], left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
    int x0, x1, y0, y1;

    for (int i = 0; i < count; i++) {
        place(pose, corners[2 * i], corners[2 * i + 1], &c[2 * i], &c[2 * i + 1]);
        left = fmin(left, c[2 * i]);
        right = fmax(right, c[2 * i]);
        top = fmin(top, c[2 * i + 1]);
        bottom = fmax(bottom, c[2 * i + 1]);
    }
    x0 = limit(left - 1, on->width), x1 = limit(right + 2, on->width);
    y0 = limit(top - 1, on->height), y1 = limit(bottom + 2, on->height);
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            double cover = 0.5 - polygon_distance(c, count, x + 0.5, y + 0.5);

            if (cover > 0)
                blend(on->pixels + 3 * ((size_t)y * (size_t)on->width + (size_t)x), ink,
                      fmin(cover, 1));
        }
}

void draw_rectangle(struct image *on, const struct pose *pose, struct colour ink, double left,
                    double top, double right, double bottom)
{
    const double corners[] = {left, top, right, top, right, bottom, left, bottom};

    draw_polygon(on, pose, ink, corners, 4);
}

void draw_circle(struct image *on, const struct pose *pose, struct colour ink, double x, double y,
                 double radius)
{
    double cx, cy, r = radius * pose->scale;
    int x0, x1, y0, y1;

    place(pose, x, y, &cx, &cy);
    x0 = limit(cx - r - 1, on->width), x1 = limit(cx + r + 2, on->width);
    y0 = limit(cy - r - 1, on->height), y1 = limit(cy + r + 2, on->height);
    for (int py = y0; py < y1; py++)
        for (int px = x0; px < x1; px++) {
            double dx = px + 0.5 - cx, dy = py + 0.5 - cy;
            double cover = 0.5 + r - sqrt(dx * dx + dy * dy);

            if (cover > 0)
                blend(on->pixels + 3 * ((size_t)py * (size_t)on->width + (size_t)px), ink,
                      fmin(cover, 1));
        }
}

void draw_gradient(struct image *on, struct colour top, struct colour bottom)
{
    unsigned char *p = on->pixels;

    for (int y = 0; y < on->height; y++) {
        double t = (double)y / on->height;

        for (int x = 0; x < on->width; x++) {
            *p++ = clamp(top.red + (bottom.red - top.red) * t);
            *p++ = clamp(top.green + (bottom.green - top.green) * t);
            *p++ = clamp(top.blue + (bottom.blue - top.blue) * t);
        }
    }
}

void draw_noise(struct image *on, struct random *r, double sigma)
{
    size_t samples = (size_t)on->width * (size_t)on->height * 3;

    for (size_t i = 0; i < samples; i += 2) {
        uint64_t bits = random_bits(r);

        /* The sum of four bytes has the mean 510 and the deviation 147.8. */
        for (size_t j = i; j < i + 2 && j < samples; j++, bits >>= 32) {
            double sum = (double)((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) +
                                  (bits >> 24 & 255));

            on->pixels[j] = clamp(on->pixels[j] + (sum - 510) / 147.8 * sigma);
        }
    }
}

struct colour colour_from_hue(double hue, double saturation, double value)
{
    double part[3];

    for (int i = 0; i < 3; i++) {
        double t = fabs(fmod(hue + (3 - i) / 3.0, 1.0) * 6 - 3) - 1;

        t = t < 0 ? 0 : t > 1 ? 1 : t;
        part[i] = 255 * value * (1 - saturation + saturation * t);
    }
    return (struct colour){part[0], part[1], part[2]};
}

/* Numbers are drawn one by one: the order in which C evaluates arguments is the compiler's choice,
 * and the pictures must not depend on it. */
struct colour colour_between(struct random *r, double hue_low, double hue_high,
                             double saturation_low, double saturation_high, double value_low,
                             double value_high)
{
    double hue = random_between(r, hue_low, hue_high);
    double saturation = random_between(r, saturation_low, saturation_high);
    double value = random_between(r, value_low, value_high);

    return colour_from_hue(hue, saturation, value);
}

struct colour colour_random(struct random *r)
{
    return colour_between(r, 0, 1, 0.1, 0.9, 0.2, 1);
}
