/* labels.h - a job's label set: which classes there are, and how they look.
 *
 * A label's place in the array is its class index. It never moves and is never given to another
 * label: renaming keeps the id, removing only hides. So a class index stored with an answer, a
 * model or an exported manifest means the same class for ever. Each change makes a new version,
 * which is frozen as JSON text; answers and models name the version they saw.
 *
 * Everything a set points to lives in the arena it was made with.
 */
#ifndef PLUMBLINE_TASKS_LABELS_H
#define PLUMBLINE_TASKS_LABELS_H

#include "plumbline/base/arena.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LABELS_MIN = 2,         /* visible labels of a set                     */
    LABELS_MAX = 1000,      /* likewise                                    */
    LABEL_NAME_MAX = 256,   /* code points, after trimming                 */
    LABEL_TEXT_MAX = 4096,  /* code points of a description                */
    LABEL_COLORS = 12,      /* default colours, used again from the start  */
};

struct label {
    const char *id;          /* "label_1"; never changes                                  */
    const char *name;        /* trimmed, no control characters, unique in the set         */
    const char *description; /* or NULL                                                   */
    const char *color;       /* "#rrggbb", lower case                                     */
    const char *hot_key;     /* "1".."9", "0", "Shift+1".."Shift+0", or NULL              */
    bool        hidden;      /* removed: not offered any more, but its index stays taken  */
};

struct label_set {
    const struct label *v; /* v[k] is class k */
    size_t              n; /* hidden ones included */
    int64_t             version; /* counts from 1 */
};

/* A name without white space at its ends, in the arena; and whether it may be one: 422 with the
 * field `path`. */
const char *label_name_trim(struct arena *a, const char *text);
bool label_name_check(const char *name, const char *path, struct error *err);

/* The default colour of class k. */
const char *label_color(size_t k);

/* Makes version 1 from a list of {name, description?, color?, hot_key?} as a client sends it. `id`
 * and `hidden` are accepted too. 422 field.invalid names the entry: "labels[2].name". */
bool label_set_create(json_t *list, struct arena *a, struct label_set *out, struct error *err);

/* Applies a client's whole new list to `old` and makes version old->version + 1: an entry with an
 * id keeps its class; one without appends, or brings back the hidden label of that name; a label
 * that is left out is hidden. The order of the list does not move classes. */
bool label_set_update(const struct label_set *old, json_t *list, struct arena *a,
                      struct label_set *out, struct error *err);

/* The labels as the REST API shows them: [{id,name,description,color,hot_key,hidden}], absent
 * fields left out, hidden ones only with `hidden`. A new reference. */
json_t *label_set_json(const struct label_set *set, bool hidden);

/* The frozen form for storage, {"version":1,"labels":[...]} with every label, and back. Freezing
 * the same set gives the same bytes. A frozen set may be empty: its labels are not known yet. */
bool label_set_freeze(const struct label_set *set, struct buf *out);
bool label_set_thaw(const char *text, size_t size, struct arena *a, struct label_set *out,
                    struct error *err);

/* Class index by exact name (trimmed) or by id; -1 when there is none. Hidden ones are found
 * too. */
int label_set_find(const struct label_set *set, const char *name);
int label_set_find_id(const struct label_set *set, const char *id);

#endif
