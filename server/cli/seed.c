/* seed.c - sample jobs, made by the same calls that a lead's script would make. */
#include "seed.h"

#include "client.h"
#include "plumbline/base/log.h"
#include "plumbline/engine/service.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool seed_job(struct client *c, const char *folder, const char *name, struct error *err)
{
    char path[PATH_MAX], route[512];
    json_t *job = NULL, *import = NULL;
    const char *id;
    bool ok = false;

    snprintf(path, sizeof path, "%s/%s/job.json", folder, name);
    job = json_load_file(path, 0, NULL);
    if (!job)
        return true; /* not a sample */
    if (!client_call(c, "POST", "/api/v1/jobs", job, &job, err))
        return false;
    id = json_string_value(json_object_get(job, "id"));
    snprintf(path, sizeof path, "%s/%s/%s.jsonl", folder, name, name);
    snprintf(route, sizeof route, "/api/v1/jobs/%s/imports", id);
    if (!client_call(c, "POST", route, json_pack("{s:s}", "source", path), &import, err))
        goto out;
    snprintf(route, sizeof route, "/api/v1/jobs/%s/imports/%s", id,
             json_string_value(json_object_get(import, "id")));
    json_decref(import);
    import = NULL;
    if (!client_wait(c, route, name, &import, err))
        goto out;
    snprintf(route, sizeof route, "/api/v1/jobs/%s/start", id);
    ok = client_call(c, "POST", route, NULL, NULL, err);
out:
    json_decref(import);
    json_decref(job);
    return ok;
}

static bool is_empty(struct client *c, bool *empty, struct error *err)
{
    json_t *jobs = NULL;

    if (!client_call(c, "GET", "/api/v1/jobs?limit=1", NULL, &jobs, err))
        return false;
    *empty = json_array_size(json_object_get(jobs, "jobs")) == 0;
    json_decref(jobs);
    return true;
}

bool seed_samples(struct service *s, const char *dir, struct error *err)
{
    char socket_path[PATH_MAX], folder[PATH_MAX];
    struct client *c;
    struct dirent **names = NULL;
    bool empty = false, ok;
    int n = 0;

    if (!realpath(dir, folder))
        return error_set(err, 1, "samples.not_found", "--samples", "There is no folder %s.", dir);
    snprintf(socket_path, sizeof socket_path, "%s/plumbline.sock", s->data_dir);
    c = client_to(socket_path);
    ok = is_empty(c, &empty, err);
    if (ok && empty)
        n = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (ok && names[i]->d_name[0] != '.')
            ok = seed_job(c, folder, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    client_close(c);
    return ok;
}
