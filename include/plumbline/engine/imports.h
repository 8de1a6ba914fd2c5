/* imports.h - starting an import of what is in a bucket. */
#ifndef PLUMBLINE_ENGINE_IMPORTS_H
#define PLUMBLINE_ENGINE_IMPORTS_H

#include "plumbline/engine/service.h"

/* True for what names something in a bucket, however well: s3://…, https://…. */
bool imports_is_uri(const char *source);

/* Adds a running import of a manifest, a table (both gzipped or not), or of a folder: a URI that
 * ends in '/'. A write; service_wake afterwards, and the import thread does the rest. Check the
 * URI before with s3_place_parse. The row's `message` says why it waits or has failed. */
struct import_uri_call {
    struct service *service;
    int64_t         job;
    const char     *uri;
    int64_t         id; /* out */
};
bool imports_add_uri(struct db *db, void *import_uri_call, struct error *err);

#endif
