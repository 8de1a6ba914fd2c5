/* log.c - `plumbline log`: what the running service logs, and to change it. */
#include "begin.h"
#include "client.h"
#include "plumbline/base/log.h"
#include "plumbline/cli/commands.h"

#include <stdio.h>

static bool show(json_t *reply)
{
    printf("level=%s requests=%s\n", json_string_value(json_object_get(reply, "level")),
           json_string_value(json_object_get(reply, "requests")));
    json_decref(reply);
    return true;
}

static bool run(const char *data, const char *level, int requests, struct error *err)
{
    json_t *body = json_object(), *reply = NULL;
    struct client *c = client_open_running(data, err);
    bool change = level || requests >= 0, ok;

    if (level)
        json_object_set_new(body, "level", json_string(level));
    if (requests >= 0)
        json_object_set_new(body, "requests", json_string(log_requests_names[requests]));
    ok = c && client_call(c, change ? "PUT" : "GET", "/api/v1/log",
                          change ? json_incref(body) : NULL, &reply, err) && show(reply);
    json_decref(body);
    client_close(c);
    return ok;
}

static const struct command_form log_form = {
    .synopsis = "log [LEVEL] [FLAGS]",
    .help =
        "Shows what a running service logs, or changes it until its next start. LEVEL: debug, "
        "info, warn or error.",
    .words = 1,
};

int command_log(int argc, char **argv)
{
    const char *data = "plumbline-data";
    int requests = -1;
    const struct option_spec options[] = {
        {.name = "data", .kind = OPTION_TEXT, .to = &data, .value_name = "DIR",
         .help = "Data folder of the running service; ./plumbline-data unless told"},
        {.name = "requests", .kind = OPTION_CHOICE, .to = &requests, .choices = log_requests_names,
         .value_name = "WHICH", .help = "Which requests have a line"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status;

    if (!command_begin(&log_form, options, argc, argv, &args, &status))
        return status;
    return run(data, args.n ? args.v[0] : NULL, requests, &err) ? 0 : command_fail("log", &err);
}
