/* embedded.h - files that were built into the program: the browser's, the vendored modules, the
 * migrations. server/tools/embed.c makes the table; nothing is read or unpacked at run time. */
#ifndef PLUMBLINE_BASE_EMBEDDED_H
#define PLUMBLINE_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char          *path;  /* within its set: "js/main.js"               */
    const char          *type;  /* MIME, by the ending of the name            */
    const unsigned char *bytes;
    size_t               size;
    const unsigned char *gz;    /* the same, gzipped; NULL where that is no gain */
    size_t               gz_size;
};

/* Sets: "static", "vendor", "migrations". NULL when there is no such file. */
const struct embedded_file *embedded_find(const char *set, const char *path);

/* The i-th file of a set, in the order of the paths (strcmp); NULL past the last. */
const struct embedded_file *embedded_at(const char *set, size_t i);

/* Names the content of "static" and "vendor": 16 hexadecimal digits of a SHA-256. */
const char *embedded_hash(void);

/* MIME type by the ending of a path; application/octet-stream where it is not known. */
const char *mime_type(const char *path);

#endif
