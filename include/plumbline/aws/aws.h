/* aws.h - the AWS door: the control API of SageMaker Ground Truth as its clients speak it, so that
 * scripts run with only the endpoint changed. AWS JSON 1.1 at POST /, signed with Signature Version 4
 * by the keys of `plumbline key create`. The same jobs and teams as in REST.
 *
 * A door of its own beside api/: whoever starts the server puts the two together
 * (struct api_door in plumbline/api/api.h).
 */
#ifndef PLUMBLINE_AWS_AWS_H
#define PLUMBLINE_AWS_AWS_H

#include "plumbline/engine/service.h"
#include "plumbline/http/server.h"

struct aws;

/* 422 for an account that is not 12 digits, or a region that cannot stand in an ARN. */
struct aws *aws_open(struct service *s, struct error *err);
void        aws_close(struct aws *w); /* after the server that has its routes; NULL is fine */

/* What links begin with; its host is the SubDomain of workforces. Copied. Call it once. */
void aws_set_public_url(struct aws *w, const char *url);

/* Ends with .path NULL; lives as long as w. */
const struct route *aws_routes(const struct aws *w);

/* Numbers for /metrics. context: the struct aws. */
void aws_metrics(void *context, struct buf *out);

#endif
