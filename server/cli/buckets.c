/* buckets.c - the flags --s3-… and --aws-…, in one place for all who open a data folder. */
#include "buckets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const browser_names[] = {"service", "presigned", NULL};

void buckets_options(const struct option_spec *own, struct buckets *set, struct option_spec *out)
{
    const struct option_spec mine[BUCKET_OPTIONS] = {
        {.name = "s3-endpoint", .kind = OPTION_TEXT, .to = &set->s3.endpoint, .value_name = "URL",
         .help = "Where buckets are; AWS_ENDPOINT_URL_S3, ~/.aws/config, else AWS"},
        {.name = "s3-public-endpoint", .kind = OPTION_TEXT, .to = &set->s3.public_endpoint,
         .value_name = "URL", .help = "The same as browsers reach it, for presigned links"},
        {.name = "s3-region", .kind = OPTION_TEXT, .to = &set->s3.region, .value_name = "REGION",
         .help = "AWS_REGION, AWS_DEFAULT_REGION, ~/.aws/config, else us-east-1"},
        {.name = "s3-profile", .kind = OPTION_TEXT, .to = &set->s3.profile, .value_name = "NAME",
         .help = "Profile of ~/.aws; AWS_PROFILE unless told"},
        {.name = "s3-access-key-id", .kind = OPTION_TEXT, .to = &set->s3.access_key_id,
         .value_name = "ID", .help = "Credentials; else as the AWS tools find them"},
        {.name = "s3-secret-access-key-file", .kind = OPTION_TEXT, .to = &set->secret_file,
         .value_name = "FILE", .help = "Its secret; or PLUMBLINE_S3_SECRET_ACCESS_KEY"},
        {.name = "s3-style", .kind = OPTION_CHOICE, .to = &set->s3.style,
         .choices = s3_style_names, .value_name = "STYLE",
         .help = "Where a bucket's name stands: auto unless told"},
        {.name = "s3-browser", .kind = OPTION_CHOICE, .to = &set->browser,
         .choices = browser_names, .value_name = "WAY",
         .help = "Who gives pictures of buckets to browsers; the service unless told"},
        {.name = "s3-cache", .kind = OPTION_BYTES, .to = &set->cache, .min = 1 << 20, .max = 1e15,
         .value_name = "SIZE", .help = "Most room for pictures of buckets in the data folder; 10G"},
        {.name = "aws-account", .kind = OPTION_TEXT, .to = &set->account, .value_name = "DIGITS",
         .help = "12 digits, in ARNs; 000000000000 unless told"},
        {.name = "aws-region", .kind = OPTION_TEXT, .to = &set->region, .value_name = "REGION",
         .help = "In ARNs; us-east-1 unless told"},
        {.kind = OPTION_END}};

    while (own->kind != OPTION_END)
        *out++ = *own++;
    memcpy(out, mine, sizeof mine);
}

static bool read_secret(struct buckets *set, struct error *err)
{
    FILE *f = fopen(set->secret_file, "re");
    size_t n;

    if (!f)
        return error_set(err, 2, "usage", "--s3-secret-access-key-file", "%.200s cannot be read: %s.",
                         set->secret_file, strerror(errno));
    n = fread(set->secret, 1, sizeof set->secret - 1, f);
    fclose(f);
    while (n > 0 && strchr(" \t\r\n", set->secret[n - 1]))
        n--;
    set->secret[n] = '\0';
    if (n == 0 || strlen(set->secret) != n || strpbrk(set->secret, " \t\r\n"))
        return error_set(err, 2, "usage", "--s3-secret-access-key-file", "%.200s holds no secret "
                         "access key, which is one word.", set->secret_file);
    set->s3.secret_access_key = set->secret;
    return true;
}

static bool is_account(const char *text)
{
    return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

static bool is_region(const char *text)
{
    size_t n = strlen(text);

    return n > 0 && n <= 63 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

bool buckets_config(struct buckets *set, struct service_config *config, struct error *err)
{
    if (set->account && !is_account(set->account))
        return error_set(err, 2, "usage", "--aws-account", "--aws-account takes 12 digits, not "
                         "\"%.60s\"", set->account);
    if (set->region && !is_region(set->region))
        return error_set(err, 2, "usage", "--aws-region", "--aws-region takes a name such as "
                         "eu-central-1, not \"%.60s\"", set->region);
    if (set->secret_file && !read_secret(set, err))
        return false;
    if (!set->secret_file) /* never as a flag: the list of processes shows those to everybody */
        set->s3.secret_access_key = getenv("PLUMBLINE_S3_SECRET_ACCESS_KEY");
    set->s3.session_token = getenv("PLUMBLINE_S3_SESSION_TOKEN");
    config->s3 = set->s3;
    config->s3_presigned = set->browser == 1;
    config->s3_cache = set->cache;
    config->aws_account = set->account;
    config->aws_region = set->region;
    return true;
}

bool buckets_from_environment(struct buckets *set, struct service_config *config,
                              struct error *err)
{
    const struct option_spec none = {.kind = OPTION_END};
    struct option_spec options[BUCKET_OPTIONS];
    struct arguments args;
    char name[] = "plumbline", *argv[] = {name, NULL};

    buckets_options(&none, set, options);
    return options_parse(options, 1, argv, &args, err) && buckets_config(set, config, err);
}
