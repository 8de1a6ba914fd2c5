/* s3_settings.c - where to and how: what was said, else the environment, else the profile. */
#include "s3_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const s3_style_names[] = {"auto", "path", "virtual", NULL};

/* A part of the URL, "" when it has none. The caller frees with curl_free. */
static char *url_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;

    return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool endpoint_parse(const char *text, const char *from, struct s3_endpoint *out,
                           struct error *err)
{
    CURLU *url = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *user = NULL, *query = NULL;
    bool ok = url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
    size_t n;

    if (ok) {
        scheme = url_part(url, CURLUPART_SCHEME);
        host = url_part(url, CURLUPART_HOST);
        port = url_part(url, CURLUPART_PORT);
        path = url_part(url, CURLUPART_PATH);
        user = url_part(url, CURLUPART_USER);
        query = url_part(url, CURLUPART_QUERY);
        ok = scheme && host && !user && !query &&
             (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    }
    if (ok) {
        bool own;

        out->https = strcmp(scheme, "https") == 0;
        own = !port || strcmp(port, out->https ? "443" : "80") == 0;
        n = strlen(host) + (own ? 0 : strlen(port) + 1) + 1;
        out->host = must_alloc(n);
        snprintf(out->host, n, "%s%s%s", host, own ? "" : ":", own ? "" : port);
        for (char *p = out->host; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        out->prefix = must_strdup(path ? path : "");
        for (n = strlen(out->prefix); n > 0 && out->prefix[n - 1] == '/'; n--)
            out->prefix[n - 1] = '\0';
    } else {
        error_set(err, 422, "s3.config", from, "%s: \"%.200s\" is no address of the form "
                  "http://host:port or https://host.", from, text);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(user);
    curl_free(query);
    curl_url_cleanup(url);
    return ok;
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0 ||
           strncmp(host, "[::1]", 5) == 0 || strncmp(host, "0.0.0.0", 7) == 0;
}

/* Whether an endpoint is this very service, which stores nothing. */
static bool is_own(const struct s3_config *config, const struct s3_endpoint *e)
{
    struct s3_endpoint own = {0};
    struct error ignored;
    const char *port, *own_port;
    bool same = false;

    if (config->own_url && endpoint_parse(config->own_url, "", &own, &ignored)) {
        port = strrchr(e->host, ':');
        own_port = strrchr(own.host, ':');
        same = strcmp(e->host, own.host) == 0 ||
               (is_loopback(e->host) && is_loopback(own.host) && port && own_port &&
                strcmp(port, own_port) == 0);
    }
    free(own.host);
    free(own.prefix);
    return same;
}

static bool find_endpoint(const struct s3_config *config, const struct s3_profile *profile,
                          struct s3_endpoint *out, struct error *err)
{
    bool ignore = s3_env_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ||
                  (profile->ignore_endpoints && strcmp(profile->ignore_endpoints, "true") == 0);
    struct {
        const char *value, *from;
    } tries[] = {{config->endpoint, "--s3-endpoint"},
                 {ignore ? NULL : s3_env("AWS_ENDPOINT_URL_S3"), "AWS_ENDPOINT_URL_S3"},
                 {ignore ? NULL : s3_env("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL"},
                 {ignore ? NULL : profile->s3_endpoint, "endpoint_url of s3 in the profile's services"},
                 {ignore ? NULL : profile->endpoint, "endpoint_url of the profile"}};

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (!tries[i].value)
            continue;
        if (!endpoint_parse(tries[i].value, tries[i].from, out, err))
            return false;
        if (i == 0 || !is_own(config, out))
            return true;
        free(out->host);
        free(out->prefix);
        *out = (struct s3_endpoint){0};
    }
    out->https = true;
    out->prefix = must_strdup("");
    return true;
}

static bool find_region(const struct s3_config *config, const struct s3_profile *profile,
                        char **out, struct error *err)
{
    const char *region = config->region ? config->region : s3_env("AWS_REGION");

    region = region ? region : s3_env("AWS_DEFAULT_REGION");
    region = region ? region : profile->region ? profile->region : "us-east-1";
    if (!*region || strlen(region) > S3_REGION_MAX ||
        strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") !=
            strlen(region))
        return error_set(err, 422, "s3.config", "--s3-region", "\"%.80s\" is no name of a region, "
                         "such as eu-central-1.", region);
    *out = must_strdup(region);
    return true;
}

static bool find_style(const struct s3_config *config, const struct s3_profile *profile, int *out,
                       struct error *err)
{
    *out = config->style;
    if (config->style != S3_STYLE_AUTO || !profile->style)
        return true;
    for (int i = 0; s3_style_names[i]; i++) {
        if (strcmp(profile->style, s3_style_names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return error_set(err, 422, "s3.config", "", "addressing_style of the profile \"%.60s\" is "
                     "\"%.60s\", not auto, path or virtual.", profile->name, profile->style);
}

static bool find_attempts(const struct s3_config *config, const struct s3_profile *profile,
                          int *out, struct error *err)
{
    const char *text = s3_env("AWS_MAX_ATTEMPTS") ? s3_env("AWS_MAX_ATTEMPTS") : profile->attempts;
    char *end;
    long n;

    *out = config->attempts ? (int)config->attempts : S3_ATTEMPTS;
    if (config->attempts || !text)
        return true;
    n = strtol(text, &end, 10);
    if (*end || end == text || n < 1 || n > 100)
        return error_set(err, 422, "s3.config", "AWS_MAX_ATTEMPTS", "AWS_MAX_ATTEMPTS is \"%.40s\", "
                         "not a number from 1 to 100.", text);
    *out = (int)n;
    return true;
}

bool s3_settings_read(const struct s3_config *config, const struct s3_profile *profile,
                      struct s3_settings *out, struct error *err)
{
    const char *bundle = s3_env("AWS_CA_BUNDLE") ? s3_env("AWS_CA_BUNDLE") : profile->ca_bundle;

    out->stall_seconds = config->stall_seconds ? (int)config->stall_seconds : S3_STALL_SECONDS;
    if (bundle && access(bundle, R_OK) != 0)
        return error_set(err, 422, "s3.config", "AWS_CA_BUNDLE", "The certificates in %.200s "
                         "(AWS_CA_BUNDLE or ca_bundle) cannot be read.", bundle);
    out->ca_bundle = bundle ? must_strdup(bundle) : NULL;
    return find_endpoint(config, profile, &out->endpoint, err) &&
           (!config->public_endpoint ||
            endpoint_parse(config->public_endpoint, "--s3-public-endpoint", &out->public_endpoint,
                           err)) &&
           find_region(config, profile, &out->region, err) &&
           find_style(config, profile, &out->style, err) &&
           find_attempts(config, profile, &out->attempts, err);
}

void s3_settings_release(struct s3_settings *set)
{
    free(set->endpoint.host);
    free(set->endpoint.prefix);
    free(set->public_endpoint.host);
    free(set->public_endpoint.prefix);
    free(set->region);
    free(set->ca_bundle);
}
