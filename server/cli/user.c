/* user.c - `plumbline user add|list` and `plumbline key create`. */
#include "begin.h"
#include "client.h"
#include "plumbline/base/buf.h"
#include "plumbline/cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {"annotator", "reviewer", "lead", "admin", NULL};

/* The first line of the file, or of standard input for "-". */
static bool read_password(const char *path, char *out, size_t size, struct error *err)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    bool ok;

    if (!f)
        return error_system(err, "%s cannot be read", path);
    ok = fgets(out, (int)size, f) != NULL;
    if (f != stdin)
        fclose(f);
    if (!ok)
        return error_set(err, 1, "password.empty", "--password-file", "%s is empty.", path);
    out[strcspn(out, "\r\n")] = '\0';
    return true;
}

static bool add_user(struct client *c, const char *name, const char *role, const char *password,
                     struct error *err)
{
    json_t *body = json_pack("{s:s, s:s}", "name", name, "role", role), *reply = NULL;

    if (password)
        json_object_set_new(body, "password", json_string(password));
    if (!client_call(c, "POST", "/api/v1/people", body, &reply, err))
        return false;
    printf("%s\t%s\t%s\n", json_string_value(json_object_get(reply, "id")),
           json_string_value(json_object_get(reply, "name")),
           json_string_value(json_object_get(reply, "role")));
    json_decref(reply);
    return true;
}

/* Calls `each` for everybody until it says true. */
typedef bool each_person(json_t *person, void *context);

static bool for_people(struct client *c, each_person *each, void *context, struct error *err)
{
    char route[256] = "/api/v1/people?limit=500";
    bool found = false;

    while (!found && *route) {
        json_t *page = NULL, *person;
        const char *next;
        size_t i;

        if (!client_call(c, "GET", route, NULL, &page, err))
            return false;
        json_array_foreach(json_object_get(page, "people"), i, person)
            if (each(person, context)) {
                found = true;
                break;
            }
        next = json_string_value(json_object_get(page, "next"));
        if (next)
            snprintf(route, sizeof route, "/api/v1/people?limit=500&after=%s", next);
        else
            *route = '\0';
        json_decref(page);
    }
    return true;
}

static bool print_person(json_t *person, void *context)
{
    (void)context;
    printf("%s\t%s\t%s\t%s\n", json_string_value(json_object_get(person, "id")),
           json_string_value(json_object_get(person, "name")),
           json_string_value(json_object_get(person, "role")),
           json_is_true(json_object_get(person, "active")) ? "active" : "inactive");
    return false;
}

struct wanted {
    const char *name;
    char        id[32];
};

static bool match_person(json_t *person, void *context)
{
    struct wanted *w = context;
    const char *name = json_string_value(json_object_get(person, "name"));

    if (!name || strcmp(name, w->name) != 0)
        return false;
    snprintf(w->id, sizeof w->id, "%s", json_string_value(json_object_get(person, "id")));
    return true;
}

static bool make_key(struct client *c, const char *user, const char *name, struct error *err)
{
    struct wanted w = {.name = user};
    char route[128];
    json_t *reply = NULL, *shown;
    char *text;

    if (!for_people(c, match_person, &w, err))
        return false;
    if (!*w.id)
        return error_set(err, 1, "person.not_found", "--user", "Nobody has the name \"%s\"; see "
                         "`plumbline user list`.", user);
    snprintf(route, sizeof route, "/api/v1/people/%s/keys", w.id);
    if (!client_call(c, "POST", route, json_pack("{s:s}", "name", name), &reply, err))
        return false;
    shown = json_pack("{s:O, s:O, s:O}", "token", json_object_get(reply, "token"),
                      "access_key_id", json_object_get(reply, "access_key_id"),
                      "secret_access_key", json_object_get(reply, "secret_access_key"));
    text = json_dumps(shown, 0);
    puts(text);
    free(text);
    json_decref(shown);
    json_decref(reply);
    return true;
}

static int usage(const char *command, const char *why)
{
    struct error err = {0};

    error_set(&err, 2, "usage", "", "%s; see `plumbline %s --help`", why, command);
    return command_fail(command, &err);
}

static const struct command_form user_form = {
    .synopsis = "user add NAME [FLAGS] | user list [FLAGS]",
    .help = "Adds a person, or lists them: id, name, role, state.",
    .words = ANY_WORDS,
};

int command_user(int argc, char **argv)
{
    const char *data = "plumbline-data", *password_file = NULL;
    int role = 0;
    const struct option_spec options[] = {
        DATA_OPTION(&data),
        {.name = "role", .kind = OPTION_CHOICE, .to = &role, .choices = roles,
         .value_name = "ROLE", .help = "annotator unless told"},
        {.name = "password-file", .kind = OPTION_TEXT, .to = &password_file,
         .value_name = "FILE", .help = "Its first line is the password; - reads standard input"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status;
    char password[1024] = "";
    struct client *c;
    bool add, ok;

    if (!command_begin(&user_form, options, argc, argv, &args, &status))
        return status;
    add = args.n == 2 && strcmp(args.v[0], "add") == 0;
    if (!add && !(args.n == 1 && strcmp(args.v[0], "list") == 0))
        return usage("user", "say `add NAME` or `list`");
    if (password_file && !read_password(password_file, password, sizeof password, &err))
        return command_fail("user", &err);
    c = client_open(data, add, &err);
    ok = c && (add ? add_user(c, args.v[1], roles[role], password_file ? password : NULL, &err)
                   : for_people(c, print_person, NULL, &err));
    client_close(c);
    return ok ? 0 : command_fail("user", &err);
}

static const struct command_form key_form = {
    .synopsis = "key create --user NAME",
    .help = "Prints a bearer token for REST and a key pair for AWS clients, as JSON.",
    .words = ANY_WORDS,
};

int command_key(int argc, char **argv)
{
    const char *data = "plumbline-data", *user = NULL, *name = "command line";
    const struct option_spec options[] = {
        DATA_OPTION(&data),
        {.name = "user", .kind = OPTION_TEXT, .to = &user, .value_name = "NAME",
         .required = true, .help = "Whose key it is"},
        {.name = "name", .kind = OPTION_TEXT, .to = &name, .value_name = "TEXT",
         .help = "What it is called in lists"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status;
    struct client *c;
    bool ok;

    if (!command_begin(&key_form, options, argc, argv, &args, &status))
        return status;
    if (args.n != 1 || strcmp(args.v[0], "create") != 0)
        return usage("key", "say `create`");
    c = client_open(data, false, &err);
    ok = c && make_key(c, user, name, &err);
    client_close(c);
    return ok ? 0 : command_fail("key", &err);
}
