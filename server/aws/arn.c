/* arn.c - names of things as ARNs. One instance is one account in one region. */
#include "door.h"

#include <ctype.h>
#include <string.h>

static const char *arn(struct aws_call *c, const char *kind, const char *name)
{
    return arena_printf(&c->arena, "arn:aws:sagemaker:%s:%s:%s/%s", c->aws->region, c->aws->account,
                        kind, name);
}

const char *aws_job_arn(struct aws_call *c, const char *name)
{
    char *lower = arena_strdup(&c->arena, name);

    for (char *p = lower; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return arn(c, "labeling-job", lower);
}

const char *aws_team_arn(struct aws_call *c, const char *name)
{
    return arn(c, "workteam/private-crowd", name);
}

const char *aws_workforce_arn(struct aws_call *c, const char *name)
{
    return arn(c, "workforce", name);
}

/* arn:aws:sagemaker:REGION:ACCOUNT:KIND/NAME */
bool aws_arn_parse(struct aws_call *c, const char *text, struct aws_name *out, struct error *err)
{
    char *rest = arena_strdup(&c->arena, text), *part[6], *slash;

    for (int i = 0; i < 6; i++)
        part[i] = i < 5 ? strsep(&rest, ":") : rest;
    slash = part[5] ? strchr(part[5], '/') : NULL;
    if (!slash || !slash[1])
        return aws_invalid(err, "\"%.256s\" is not the ARN of a resource of this service.", text);
    if (strcmp(part[3], c->aws->region) != 0 || strcmp(part[4], c->aws->account) != 0)
        return aws_invalid(
            err,
            "The ARN %.256s is of another account or region; this service is account "
            "%s in %s.",
            text, c->aws->account, c->aws->region);
    *slash = '\0';
    *out = (struct aws_name){part[5], slash + 1};
    return true;
}

const char *aws_sub_domain(struct aws_call *c)
{
    const char *url = c->aws->public_url, *host;

    host = url ? strstr(url, "://") : NULL;
    host = host ? host + 3 : "localhost";
    return arena_strndup(&c->arena, host, strcspn(host, "/"));
}
