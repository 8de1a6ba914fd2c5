/* relaxed_json.h - JSON as people write it into attributes of crowd elements.
 *
 * Beyond JSON: texts in single quotes, names without quotes, a comma before the closing bracket. */
#ifndef PLUMBLINE_EXCHANGE_RELAXED_JSON_H
#define PLUMBLINE_EXCHANGE_RELAXED_JSON_H

#include "plumbline/base/error.h"

#include <jansson.h>

enum { RELAXED_DEPTH_MAX = 16 };

/* A new reference, or NULL with 422 json.malformed and the place (code points, from 1). The text is
 * valid UTF-8. */
json_t *relaxed_json_read(const char *text, struct error *err);

#endif
