/* features.c - which extractor made a row, and whether two rows may be compared. */
#include "plumbline/learn/features.h"

#include <string.h>

enum { VERSION = 1, ATOMS = 400, SIDE = 32, ATOMS_MAX = 4096, SIDE_MIN = 12, SIDE_MAX = 64 };

struct learn_extractor learn_extractor_text(void)
{
    return (struct learn_extractor){
        .kind = LEARN_TEXT, .version = VERSION, .columns = 1u << LEARN_TEXT_BITS};
}

struct learn_extractor learn_extractor_image(uint64_t seed)
{
    return (struct learn_extractor){.kind = LEARN_IMAGE, .version = VERSION, .columns = 4 * ATOMS,
                                    .atoms = ATOMS, .side = SIDE, .seed = seed};
}

struct learn_extractor learn_extractor_vector(uint32_t columns)
{
    return (struct learn_extractor){.kind = LEARN_VECTOR, .version = VERSION, .columns = columns};
}

bool learn_extractor_check(const struct learn_extractor *x, struct error *err)
{
    bool ok = x->version == VERSION && x->reserved == 0;

    switch (x->kind) {
    case LEARN_TEXT:
        ok = ok && x->columns == 1u << LEARN_TEXT_BITS && x->atoms == 0 && x->side == 0;
        break;
    case LEARN_IMAGE:
        ok = ok && x->atoms >= 1 && x->atoms <= ATOMS_MAX && x->columns == 4 * x->atoms &&
             x->side >= SIDE_MIN && x->side <= SIDE_MAX;
        break;
    case LEARN_VECTOR:
        ok = ok && x->columns >= 1 && x->columns <= LEARN_VECTOR_MAX && x->atoms == 0 &&
             x->side == 0;
        break;
    default:
        ok = false;
    }
    return ok || error_invalid(err, "extractor",
                               "Extractor %u version %u with %u columns is not one this program "
                               "knows.", x->kind, x->version, x->columns);
}

bool learn_extractor_equal(const struct learn_extractor *a, const struct learn_extractor *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}
