/* label_categories.h - Ground Truth's label category configuration file, for image and text tasks.
 *
 *     {"document-version":"2018-11-28","labels":[{"label":"apple"},{"label":"pear"}],
 *      "instructions":{"shortInstruction":"<p>...</p>","fullInstruction":"<p>...</p>"}}
 *
 * The place of a label in the list is its class index. Source: Ground Truth's developer guide,
 * "Label categories reference". Keys that are not known are passed over.
 */
#ifndef PLUMBLINE_EXCHANGE_LABEL_CATEGORIES_H
#define PLUMBLINE_EXCHANGE_LABEL_CATEGORIES_H

#include "plumbline/base/arena.h"
#include "plumbline/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    LABEL_CATEGORIES_FILE_MAX = 4 << 20, /* bytes */
};

struct label_categories {
    json_t *labels; /* [{"name", "description"?}] as label_set_create takes it; a new reference */
    const char **short_names; /* one a label: shortDisplayName, or NULL; in the arena        */
    const char *short_instructions; /* Markdown, or "" */
    const char *full_instructions;  /* Markdown, or "" */
};

/* One label is enough here. Names are trimmed as label_set_create trims them; a fullDisplayName
 * that differs from the name becomes the description. The file may begin with a byte order mark.
 * 422 label_categories.invalid with the field to blame ("labels[3].label"): not JSON (with line and
 * column), not an object, no labels or more than LABELS_MAX, a name that is missing, empty, longer
 * than LABEL_NAME_MAX, repeated or with control characters; and keys that ask for what image and
 * text tasks do not have (annotationType, frameAttributes, categoryGlobalAttributes,
 * categoryAttributes, auditLabelAttributeName), unless they are empty. *out is changed only on
 * success. */
bool label_categories_read(const char *text, size_t size, struct arena *a,
                           struct label_categories *out, struct error *err);

void label_categories_release(struct label_categories *c); /* drops the reference to labels */

#endif
