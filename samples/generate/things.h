/* things.h - the four things on the sample pictures, each in several forms. */
#ifndef SAMPLES_THINGS_H
#define SAMPLES_THINGS_H

#include "draw.h"

enum thing { TREE, HOUSE, BOAT, CAR, THINGS };

static const char *const thing_names[THINGS] = {"tree", "house", "boat", "car"};

/* Draws the thing where the pose says; form and colours by chance. */
void thing_draw(enum thing thing, struct image *on, const struct pose *pose, struct random *r);

#endif
