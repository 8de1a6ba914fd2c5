/* backup_parts.h - the two JSON entries of a backup's archive; private to exchange/. */
#ifndef EXCHANGE_BACKUP_PARTS_H
#define EXCHANGE_BACKUP_PARTS_H

#include "plumbline/base/fields.h"
#include "plumbline/exchange/backup.h"

#define BACKUP_FORMAT "plumbline-backup"
enum { BACKUP_FORMAT_VERSION = 1, BACKUP_JSON_MAX = 64 << 10 };

struct backup_contents_json {
    struct backup_contents of;
    const char            *format;
    int64_t                format_version;
};

extern const struct field backup_contents_fields[]; /* of struct backup_contents_json */
extern const struct field backup_end_fields[];      /* of struct backup_totals */

/* Reads contents.json; 422 backup.damaged for another format, or one of a newer program. */
bool backup_parse_contents(const char *text, size_t size, struct arena *a,
                           struct backup_contents *out, struct error *err);
bool backup_parse_end(const char *text, size_t size, struct backup_totals *out,
                      struct error *err);

/* "blobs/ab/ab…" with 64 hex digits. */
bool backup_is_blob(const char *name);

#endif
