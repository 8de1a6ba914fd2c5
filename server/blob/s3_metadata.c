/* s3_metadata.c - credentials as a container's service and an instance's (version 2, with a token)
 * give them. Both answer from beside us or not at all: a second, one try, never through a proxy. */
#include "s3_internal.h"

#include "plumbline/base/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 64 << 10, ADDRESS_SIZE = 1024, SECONDS = 1 };

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    return buf_add(context, bytes, size * count) ? size * count : 0;
}

/* `header` may be NULL. */
static bool ask(const char *method, const char *url, const char *header, struct buf *out,
                struct error *err)
{
    struct curl_slist *headers = header ? curl_slist_append(NULL, header) : NULL;
    CURL *curl = curl_easy_init();
    long status = 0;
    CURLcode rc;

    buf_clear(out);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SECONDS);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    if (rc == CURLE_OK && status == 200 && out->data)
        return true;
    return error_set(err, 503, "s3.no_credentials", "",
                     "There are no credentials for buckets: neither settings, environment nor ~/.aws "
                     "have an access key, and %.120s %s%ld.", url,
                     rc == CURLE_OK ? "answered with status " : "does not answer: curl's error ",
                     rc == CURLE_OK ? status : (long)rc);
}

/* "2026-11-21T21:00:00Z", perhaps with a fraction. */
static bool time_parse(const char *text, int64_t *us)
{
    struct tm tm = {0};

    if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
        return false;
    *us = (int64_t)timegm(&tm) * 1000000;
    return true;
}

bool s3_fetched_parse(const char *text, size_t size, struct s3_fetched *out, struct error *err)
{
    json_t *root = json_parse(text, size, err);
    const char *id = json_string_value(json_object_get(root, "AccessKeyId")),
               *secret = json_string_value(json_object_get(root, "SecretAccessKey")),
               *token = json_string_value(json_object_get(root, "Token")),
               *ends = json_string_value(json_object_get(root, "Expiration"));
    int64_t expires = 0;
    bool ok = id && *id && secret && *secret && (!ends || time_parse(ends, &expires));

    if (ok)
        *out = (struct s3_fetched){must_strdup(id), must_strdup(secret),
                                   token ? must_strdup(token) : NULL, expires};
    else
        error_set(err, 503, "s3.no_credentials", "", "The service for credentials answers without "
                  "AccessKeyId and SecretAccessKey, or with an Expiration that is no time.");
    json_decref(root);
    return ok;
}

void s3_fetched_release(struct s3_fetched *f)
{
    if (f->secret)
        explicit_bzero(f->secret, strlen(f->secret));
    free(f->id);
    free(f->secret);
    free(f->token);
    memset(f, 0, sizeof *f);
}

/* Where a token that opens everything may be sent in the clear: to this machine only. */
static bool may_ask(const char *url)
{
    static const char *const near[] = {"http://127.0.0.1", "http://localhost", "http://[::1]",
                                       "http://169.254.170.2", "http://169.254.170.23",
                                       "http://[fd00:ec2::23]"};

    if (strncmp(url, "https://", 8) == 0)
        return true;
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        size_t n = strlen(near[i]);

        if (strncmp(url, near[i], n) == 0 && (url[n] == '/' || url[n] == ':' || !url[n]))
            return true;
    }
    return false;
}

static bool read_token(char *out, size_t size, struct error *err)
{
    const char *path = s3_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
               *token = s3_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    FILE *f;

    *out = '\0';
    if (!path) {
        if (token)
            snprintf(out, size, "%s", token);
        return true;
    }
    f = fopen(path, "re");
    if (!f || !fgets(out, (int)size, f)) {
        if (f)
            fclose(f);
        return error_set(err, 503, "s3.no_credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                         "%.200s (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) cannot be read.", path);
    }
    fclose(f);
    return true;
}

bool s3_fetch_container(struct s3_fetched *out, struct error *err)
{
    const char *relative = s3_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
               *full = s3_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    char url[ADDRESS_SIZE], token[8192], header[sizeof token + 32];
    struct buf answer;
    bool ok;

    snprintf(url, sizeof url, "%s%s", relative ? "http://169.254.170.2" : "",
             relative ? relative : full);
    if (!may_ask(url))
        return error_set(err, 503, "s3.no_credentials", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                         "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or on this machine.");
    if (!read_token(token, sizeof token, err))
        return false;
    token[strcspn(token, "\r\n")] = '\0';
    snprintf(header, sizeof header, "Authorization: %s", token);
    buf_init(&answer, ANSWER_MAX);
    ok = ask("GET", url, *token ? header : NULL, &answer, err) &&
         s3_fetched_parse(answer.data, answer.size, out, err);
    explicit_bzero(header, sizeof header);
    explicit_bzero(token, sizeof token);
    buf_release(&answer);
    return ok;
}

bool s3_fetch_instance(struct s3_fetched *out, struct error *err)
{
    const char *base = s3_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    char url[ADDRESS_SIZE], header[4096], root[ADDRESS_SIZE / 2];
    struct buf answer;
    bool ok;
    size_t n;

    n = (size_t)snprintf(root, sizeof root, "%s", base ? base : "http://169.254.169.254");
    if (n < sizeof root && n > 0 && root[n - 1] == '/')
        root[n - 1] = '\0';
    buf_init(&answer, ANSWER_MAX);
    snprintf(url, sizeof url, "%s/latest/api/token", root);
    ok = ask("PUT", url, "X-aws-ec2-metadata-token-ttl-seconds: 21600", &answer, err);
    if (ok) {
        snprintf(header, sizeof header, "X-aws-ec2-metadata-token: %.*s",
                 (int)strcspn(answer.data, "\r\n"), answer.data);
        snprintf(url, sizeof url, "%s/latest/meta-data/iam/security-credentials/", root);
        ok = ask("GET", url, header, &answer, err);
    }
    if (ok) {
        snprintf(url, sizeof url, "%s/latest/meta-data/iam/security-credentials/%.*s", root,
                 (int)strcspn(answer.data, "\r\n"), answer.data);
        ok = ask("GET", url, header, &answer, err) &&
             s3_fetched_parse(answer.data, answer.size, out, err);
    }
    buf_release(&answer);
    return ok;
}
