/* buckets.h - the settings of buckets and of the AWS door, which every command that opens a data
 * folder itself understands: as flags, and from the environment. */
#ifndef PLUMBLINE_CLI_BUCKETS_H
#define PLUMBLINE_CLI_BUCKETS_H

#include "plumbline/base/options.h"
#include "plumbline/engine/service.h"

enum { BUCKET_OPTIONS = 12, BUCKET_SECRET_MAX = 1024 };

struct buckets {
    struct s3_config s3;
    const char      *secret_file;
    char             secret[BUCKET_SECRET_MAX]; /* what stood in it */
    int              browser;
    int64_t          cache;
    const char      *account, *region;
};

/* Copies the table `own` into `out`, which has room for BUCKET_OPTIONS more, and adds these. */
void buckets_options(const struct option_spec *own, struct buckets *set, struct option_spec *out);

/* After options_parse: checks what was said, reads the file of the secret, and fills the part of the
 * service's settings that it is. Status 2 usage. `set` must outlive the service. */
bool buckets_config(struct buckets *set, struct service_config *config, struct error *err);

/* The same for a command without such flags, from the environment alone. */
bool buckets_from_environment(struct buckets *set, struct service_config *config,
                              struct error *err);

#endif
