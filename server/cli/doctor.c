/* doctor.c - `plumbline doctor`: one line a finding. */
#include "begin.h"
#include "client.h"
#include "plumbline/cli/commands.h"
#include "plumbline/engine/doctor.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wish {
    const char *data, *public_url, *listen, *backup_to;
    bool        json, deep, repair;
};

/* {"checks", "warnings", "failures"}, a new reference. */
static json_t *examine_here(const struct wish *w)
{
    const struct doctor_settings set = {.data_dir = w->data, .deep = w->deep,
                                        .public_url = w->public_url, .backup_to = w->backup_to};
    struct doctor_report r;
    struct arena a;
    json_t *checks = json_array(), *out;

    arena_init(&a);
    doctor_run(&set, &a, &r);
    for (size_t i = 0; i < r.n; i++)
        json_array_append_new(checks, json_pack("{s:s, s:s, s:s, s:s*}", "what", r.v[i].what,
                                                "level", doctor_level_names[r.v[i].level], "found",
                                                r.v[i].found, "advice", r.v[i].advice));
    out = json_pack("{s:o, s:i, s:i}", "checks", checks, "warnings", r.warnings, "failures",
                    r.failures);
    arena_release(&a);
    return out;
}

static bool examine_there(struct client *c, bool deep, json_t **out, struct error *err)
{
    return client_call(c, "GET", deep ? "/api/v1/doctor?deep=1" : "/api/v1/doctor", NULL, out, err);
}

static const char *text(json_t *object, const char *name)
{
    const char *t = json_string_value(json_object_get(object, name));

    return t ? t : "";
}

static void print_report(json_t *report)
{
    json_t *checks = json_object_get(report, "checks"), *c;
    size_t i;

    json_array_foreach(checks, i, c) {
        const char *level = text(c, "level"), *advice = text(c, "advice");

        printf("%-4s  %s: %s%s%s\n", strcmp(level, "fail") == 0 ? "FAIL" : level, text(c, "what"),
               text(c, "found"), *advice ? "; " : "", advice);
    }
}

static int finish(const struct wish *w, json_t *report)
{
    bool failed = json_integer_value(json_object_get(report, "failures")) > 0;

    if (w->json)
        json_dumpf(report, stdout, JSON_INDENT(1));
    else
        print_report(report);
    if (w->json)
        putchar('\n');
    json_decref(report);
    return failed ? 1 : 0;
}

static int repair(const struct wish *w)
{
    struct error err = {0};
    int faults;

    if (!doctor_repair_counters(w->data, &faults, &err)) {
        if (strcmp(err.code, "storage.locked") == 0)
            error_conflict(&err, "storage.locked", "A service or command uses %.250s; stop it before "
                           "you repair counters.", w->data);
        return command_fail("doctor", &err);
    }
    fprintf(stderr, faults ? "%d counters were wrong and are put right\n"
                           : "no counter was wrong\n", faults);
    return 0;
}

static const struct command_form doctor_form = {
    .synopsis = "doctor",
    .help =
        "Looks whether everything is in order: a line for each thing, ok, warn or FAIL, what was\n"
        "found and what to do. Exit status 1 when something fails.",
};

int command_doctor(int argc, char **argv)
{
    struct wish w = {.data = "plumbline-data"};
    const struct option_spec options[] = {
        DATA_OPTION(&w.data),
        {.name = "json", .kind = OPTION_SWITCH, .to = &w.json, .help = "As JSON"},
        {.name = "deep", .kind = OPTION_SWITCH, .to = &w.deep,
         .help = "Look at every page of the database and read the newest backup"},
        {.name = "repair-counters", .kind = OPTION_SWITCH, .to = &w.repair,
         .help = "Put counters right first; while no service runs"},
        {.name = "public-url", .kind = OPTION_TEXT, .to = &w.public_url, .value_name = "URL",
         .help = "What serve is given; a running service knows its own"},
        {.name = "backup-to", .kind = OPTION_TEXT, .to = &w.backup_to, .value_name = "DIR",
         .help = "What serve is given"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status;
    struct client *c;
    json_t *report = NULL;
    bool ok;

    if (!command_begin(&doctor_form, options, argc, argv, &args, &status))
        return status;
    if (w.repair && repair(&w) != 0)
        return 1;
    c = client_open_running(w.data, NULL);
    if (!c)
        return finish(&w, examine_here(&w));
    ok = examine_there(c, w.deep, &report, &err);
    client_close(c);
    return ok ? finish(&w, report) : command_fail("doctor", &err);
}
