/* made_up.c - s3://plumbline/<job>/..., as the AWS door tells it and takes it back. */
#include "plumbline/engine/made_up.h"

#include "plumbline/store/aws.h"
#include "plumbline/store/transfers.h"

#include <string.h>

static const char bucket[] = "s3://plumbline/";
static const char *const tails[] = {"/input.manifest", "/label-categories.json",
                                    "/template.liquid", "/output"};

static const char *make(const struct job *job, enum made_up what, struct arena *a)
{
    return arena_printf(a, "%s%s%s", bucket, job->name, tails[what]);
}

bool made_up_uri(struct db *db, const struct job *job, enum made_up what, struct arena *a,
                 const char **uri, struct error *err)
{
    struct import_row *list;
    int count;

    *uri = make(job, what, a);
    if (what == MADE_UP_OUTPUT && job->output)
        *uri = arena_strdup(a, job->output);
    if (what != MADE_UP_MANIFEST)
        return true;
    if (!import_list(db, job->id, a, &list, &count, err))
        return false;
    for (int i = 0; i < count; i++) /* newest first */
        if (list[i].source && strncmp(list[i].source, "s3://", 5) == 0)
            *uri = list[i].source;
    return true;
}

/* The job's name in a name that was made up by this form; NULL: it is of another form. */
static const char *job_in(const char *uri, enum made_up what, struct arena *a)
{
    size_t size = strlen(uri), head = sizeof bucket - 1, tail = strlen(tails[what]);

    if (size <= head + tail || strncmp(uri, bucket, head) != 0 ||
        strcmp(uri + size - tail, tails[what]) != 0)
        return NULL;
    return arena_strndup(a, uri + head, size - head - tail);
}

/* A job of this door says what it was told, and so does one that has the thing in a bucket. */
static bool is_its_own(struct db *db, const char *uri, enum made_up what, const struct job *job,
                       struct arena *a, bool *yes, struct error *err)
{
    struct aws_job row;
    const char *said;

    if (!aws_job_get(db, job->id, a, &row, yes, err) || *yes) {
        *yes = false;
        return err->status == 0;
    }
    if (!made_up_uri(db, job, what, a, &said, err))
        return false;
    *yes = strcmp(said, uri) == 0 && (what != MADE_UP_OUTPUT || !job->output);
    return true;
}

bool made_up_find(struct db *db, const char *uri, enum made_up what, struct arena *a,
                  struct job *out, bool *found, struct error *err)
{
    const char *name = job_in(uri, what, a);
    struct error why = {0};

    *found = false;
    if (!name)
        return true;
    if (job_by_name(db, name, a, out, &why))
        return is_its_own(db, uri, what, out, a, found, err);
    if (why.status != 404)
        *err = why;
    return why.status == 404;
}
