/* s3_profile.c - one profile of ~/.aws/credentials and ~/.aws/config. */
#include "s3_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 4 << 20 };

const char *s3_env(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

bool s3_env_true(const char *name)
{
    const char *value = s3_env(name);

    return value && strcasecmp(value, "true") == 0;
}

/* The file that the variable names, or ~/.aws/NAME. */
static const char *file_path(const char *variable, const char *name, struct arena *a)
{
    const char *path = s3_env(variable), *home = s3_env("HOME");
    struct passwd *pw;

    if (path && strncmp(path, "~/", 2) != 0)
        return path;
    if (!home) {
        pw = getpwuid(getuid());
        home = pw ? pw->pw_dir : "/";
    }
    return path ? arena_printf(a, "%s%s", home, path + 1) : arena_printf(a, "%s/.aws/%s", home, name);
}

/* The content of a file, "" when there is none. */
static bool load(const char *path, struct arena *a, char **text, size_t *size, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    ssize_t n;

    *text = arena_strdup(a, "");
    *size = 0;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (fd < 0)
        return error_set(err, 422, "s3.config", "", "%.250s cannot be read: %s.", path,
                         strerror(errno));
    if (fstat(fd, &st) != 0 || st.st_size > FILE_MAX) {
        close(fd);
        return error_set(err, 422, "s3.config", "", "%.250s is too large for a file of settings.",
                         path);
    }
    *text = arena_alloc(a, (size_t)st.st_size + 1);
    while (*size < (size_t)st.st_size &&
           (n = read(fd, *text + *size, (size_t)st.st_size - *size)) > 0)
        *size += (size_t)n;
    close(fd);
    return true;
}

struct reading {
    struct s3_profile *p;
    struct arena      *a;
    bool               credentials; /* the file of that name */
    bool               services;    /* looking for the section of services only */
};

/* [name] in credentials; [profile name], [profile "name"] or [default] in config. */
static bool is_ours(const struct reading *r, const char *section)
{
    size_t n;

    if (r->credentials)
        return strcmp(section, r->p->name) == 0;
    if (strncmp(section, "profile", 7) != 0 || (section[7] != ' ' && section[7] != '\t'))
        return strcmp(section, "default") == 0 && strcmp(r->p->name, "default") == 0;
    section += 7 + strspn(section + 7, " \t");
    n = strlen(section);
    if (n >= 2 && section[0] == '"' && section[n - 1] == '"')
        return strlen(r->p->name) == n - 2 && strncmp(section + 1, r->p->name, n - 2) == 0;
    return strcmp(section, r->p->name) == 0;
}

static void take_services(struct reading *r, const char *section, const char *name,
                          const char *sub, const char *value)
{
    if (strncmp(section, "services ", 9) == 0 &&
        strcmp(section + 9 + strspn(section + 9, " \t"), r->p->services) == 0 && name && sub &&
        strcmp(name, "s3") == 0 && strcmp(sub, "endpoint_url") == 0)
        r->p->s3_endpoint = arena_strdup(r->a, value);
}

/* Ways to credentials that would have to be gone, and are not here. */
static bool is_unsupported(const char *name)
{
    return strncmp(name, "sso_", 4) == 0 || strcmp(name, "role_arn") == 0 ||
           strcmp(name, "source_profile") == 0 || strcmp(name, "credential_source") == 0 ||
           strcmp(name, "web_identity_token_file") == 0 || strcmp(name, "login_session") == 0;
}

static void take(void *context, const char *section, const char *name, const char *sub,
                 const char *value)
{
    struct reading *r = context;
    struct s3_profile *p = r->p;
    struct {
        const char *name, *sub, **to;
    } known[] = {{"aws_access_key_id", NULL, &p->access_key_id},
                 {"aws_secret_access_key", NULL, &p->secret_access_key},
                 {"aws_session_token", NULL, &p->session_token},
                 {"region", NULL, &p->region},
                 {"endpoint_url", NULL, &p->endpoint},
                 {"services", NULL, &p->services},
                 {"ca_bundle", NULL, &p->ca_bundle},
                 {"max_attempts", NULL, &p->attempts},
                 {"ignore_configured_endpoint_urls", NULL, &p->ignore_endpoints},
                 {"credential_process", NULL, &p->process},
                 {"s3", "addressing_style", &p->style}};

    if (r->services) {
        take_services(r, section, name, sub, value);
        return;
    }
    if (!is_ours(r, section))
        return;
    p->found = true;
    if (!name)
        return;
    if (!sub && !p->unsupported && is_unsupported(name))
        p->unsupported = arena_strdup(r->a, name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        bool key = i < 3;

        if (strcmp(name, known[i].name) != 0 || (sub ? !known[i].sub : known[i].sub != NULL) ||
            (sub && strcmp(sub, known[i].sub) != 0))
            continue;
        if (*value && !(key && !r->credentials && p->keys_in_credentials))
            *known[i].to = arena_strdup(r->a, value);
    }
}

static bool read_file(struct reading *r, const char *path, struct error *err)
{
    char *text;
    size_t size;
    int line;

    if (!load(path, r->a, &text, &size, err))
        return false;
    if (!s3_ini_read(text, size, take, r, &line))
        return error_set(err, 422, "s3.config", "", "%.250s, line %d is neither a [section] nor "
                         "name = value.", path, line);
    return true;
}

bool s3_profile_read(const char *name, struct arena *a, struct s3_profile *out, struct error *err)
{
    const char *asked = name ? name : s3_env("AWS_PROFILE") ? s3_env("AWS_PROFILE")
                                                            : s3_env("AWS_DEFAULT_PROFILE");
    const char *credentials = file_path("AWS_SHARED_CREDENTIALS_FILE", "credentials", a),
               *config = file_path("AWS_CONFIG_FILE", "config", a);
    struct reading r = {.p = out, .a = a, .credentials = true};

    *out = (struct s3_profile){.name = asked ? asked : "default"};
    if (!read_file(&r, credentials, err))
        return false;
    out->keys_in_credentials = out->access_key_id != NULL;
    r.credentials = false;
    if (!read_file(&r, config, err))
        return false;
    if (asked && !out->found)
        return error_set(err, 422, "s3.config", name ? "--s3-profile" : "AWS_PROFILE",
                         "There is no profile \"%.60s\" in %.120s or %.120s.", asked, credentials,
                         config);
    if (!!out->access_key_id != !!out->secret_access_key)
        return error_set(err, 422, "s3.config", "", "The profile \"%.60s\" has one of "
                         "aws_access_key_id and aws_secret_access_key, but not both.", out->name);
    r.services = true;
    return !out->services || read_file(&r, config, err);
}
