/* things.c - trees, houses, boats and cars of a few polygons and circles. Colours overlap between
 * them, so that shape has to tell them apart. */
#include "things.h"

static struct colour shade(struct colour c, double factor)
{
    return (struct colour){c.red * factor, c.green * factor, c.blue * factor};
}

/* Of this hue, saturation and value, about, in `share` of the cases; otherwise anything. */
static struct colour colour_usual(struct random *r, double share, double low, double high,
                                  double saturation, double value)
{
    if (!random_chance(r, share))
        return colour_random(r);
    return colour_between(r, low, high, 0.6 * saturation, 1.1 * saturation, 0.75 * value, value);
}

static struct colour leaf_colour(struct random *r)
{
    if (random_chance(r, 0.2))
        return colour_random(r);
    return colour_between(r, 0.08, 0.42, 0.3, 0.9, 0.25, 0.8);
}

static void draw_tree(struct image *on, const struct pose *pose, struct random *r)
{
    struct colour leaves = leaf_colour(r);
    struct colour bark = colour_between(r, 0.07, 0.07, 0.2, 0.7, 0.2, 0.6);
    double width = random_between(r, 0.06, 0.16), spread = random_between(r, 0.45, 0.8);
    int form = random_below(r, 3), tiers = 2 + random_below(r, 3);

    draw_rectangle(on, pose, bark, -width, 0, width, 1);
    for (int i = 0; form == 0 && i < tiers; i++) { /* a fir */
        double low = 0.7 - 0.45 * i, w = spread * (1 - 0.22 * i);
        const double corners[] = {-w, low, w, low, 0, low - 0.8};

        draw_polygon(on, pose, shade(leaves, 1 - 0.08 * i), corners, 3);
    }
    for (int i = 0; form == 1 && i < 9; i++) { /* a crown of balls */
        double x = random_between(r, -0.5, 0.5), y = random_between(r, -0.75, 0.15);
        double radius = random_between(r, 0.25, 0.42);

        draw_circle(on, pose, shade(leaves, random_between(r, 0.8, 1.15)), x, y, radius);
    }
    if (form == 2) /* one ball on a long trunk */
        draw_circle(on, pose, leaves, 0, -0.35, spread * 0.85);
}

static void draw_house(struct image *on, const struct pose *pose, struct random *r)
{
    struct colour wall = colour_usual(r, 0.7, 0.05, 0.16, 0.3, 0.95);
    struct colour roof = colour_usual(r, 0.7, 0, 0.06, 0.7, 0.6), glass = colour_random(r);
    double w = random_between(r, 0.5, 0.9), eaves = random_between(r, -0.35, 0.1);
    double ridge = eaves - random_between(r, 0.3, 0.7), over = w + random_between(r, 0, 0.15);
    double gable = random_chance(r, 0.6) ? 0 : random_between(r, 0.2, 0.5), door;
    const double corners[] = {-over, eaves, over, eaves, gable, ridge, -gable, ridge};
    int rows = 1 + random_below(r, 2), columns = 2 + random_below(r, 2);

    if (random_chance(r, 0.5))
        draw_rectangle(on, pose, shade(wall, 0.7), 0.3 * w, ridge - 0.1, 0.5 * w, eaves);
    draw_rectangle(on, pose, wall, -w, eaves, w, 0.9);
    draw_polygon(on, pose, roof, corners, 4);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            double left = -w + 2 * w * (x + 0.3) / columns;
            double top = eaves + (0.9 - eaves) * (y + 0.2) / (rows + 0.6);

            draw_rectangle(on, pose, glass, left, top, left + 0.8 * w / columns,
                           top + 0.3 * (0.9 - eaves) / rows);
        }
    door = random_between(r, -0.6, 0.4) * w;
    draw_rectangle(on, pose, shade(roof, 0.6), door, 0.45, door + 0.25, 0.9);
}

static void draw_boat(struct image *on, const struct pose *pose, struct random *r)
{
    struct colour hull = colour_random(r), sail = colour_usual(r, 0.65, 0, 1, 0.08, 0.98), sea;
    double deck = random_between(r, 0.2, 0.4), w = random_between(r, 0.7, 1);
    double keel = deck + random_between(r, 0.25, 0.45), mast = random_between(r, -0.2, 0.2);
    double top = random_between(r, -1, -0.6), boom = deck - 0.12;
    bool at_sea;
    const double body[] = {-w, deck, w, deck, 0.65 * w, keel, -0.7 * w, keel};
    const double main_sail[] = {mast + 0.05, top, mast + 0.05, boom, mast + 0.7 * w, boom};
    const double jib[] = {mast - 0.05, top + 0.15, mast - 0.05, boom, -0.85 * w, boom};

    if (random_chance(r, 0.35)) { /* with an engine */
        draw_rectangle(on, pose, shade(sail, 0.7), -0.1, deck - 0.75, 0.1, deck - 0.3);
        draw_rectangle(on, pose, sail, -0.5 * w, deck - 0.35, 0.35 * w, deck);
        for (int i = 0; i < 3; i++)
            draw_circle(on, pose, shade(hull, 0.5), (0.25 * i - 0.3) * w, deck - 0.18, 0.07);
    } else {
        draw_rectangle(on, pose, shade(hull, 0.5), mast - 0.03, top - 0.05, mast + 0.03, deck);
        draw_polygon(on, pose, sail, main_sail, 3);
        if (random_chance(r, 0.6))
            draw_polygon(on, pose, shade(sail, 0.85), jib, 3);
    }
    draw_polygon(on, pose, hull, body, 4);
    at_sea = random_chance(r, 0.85);
    sea = colour_between(r, 0.45, 0.7, 0.6, 0.6, 0.3, 0.9);
    for (int i = -4; at_sea && i <= 4; i++)
        draw_circle(on, pose, sea, 0.33 * i, keel + 0.12, 0.2);
}

static void draw_car(struct image *on, const struct pose *pose, struct random *r)
{
    struct colour paint = colour_random(r), glass = colour_random(r);
    struct colour tyre = shade(colour_random(r), 0.2);
    double belt = random_between(r, -0.1, 0.1), floor = belt + random_between(r, 0.35, 0.5);
    double roof = belt - random_between(r, 0.3, 0.55), wheel = random_between(r, 0.16, 0.25);
    double back = random_between(r, -0.9, -0.5), front = random_between(r, 0.15, 0.6);
    const double cabin[] = {back - 0.1,  belt, back + 0.15, roof,
                            front - 0.2, roof, front + 0.1, belt};
    const double rear[] = {back + 0.05, belt - 0.04, back + 0.2, roof + 0.08,
                           -0.14,       roof + 0.08, -0.14,      belt - 0.04};
    const double fore[] = {-0.06,        belt - 0.04, -0.06,        roof + 0.08,
                           front - 0.23, roof + 0.08, front - 0.05, belt - 0.04};

    draw_polygon(on, pose, shade(paint, 0.9), cabin, 4);
    draw_polygon(on, pose, glass, rear, 4);
    draw_polygon(on, pose, glass, fore, 4);
    draw_rectangle(on, pose, paint, -1, belt, 1, floor);
    for (int side = -1; side <= 1; side += 2) {
        draw_circle(on, pose, tyre, 0.58 * side, floor, wheel);
        draw_circle(on, pose, shade(glass, 0.8), 0.58 * side, floor, wheel * 0.5);
    }
}

void thing_draw(enum thing thing, struct image *on, const struct pose *pose, struct random *r)
{
    switch (thing) {
    case TREE:
        draw_tree(on, pose, r);
        break;
    case HOUSE:
        draw_house(on, pose, r);
        break;
    case BOAT:
        draw_boat(on, pose, r);
        break;
    default:
        draw_car(on, pose, r);
        break;
    }
}
