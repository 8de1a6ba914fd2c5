/* openapi.c - OpenAPI 3.1 from the route tables, so that the documentation cannot drift. */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static json_t *json_schema_ref(const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", name));
}

static json_t *content(const char *type, json_t *take_schema)
{
    return json_pack("{s:{s:o}}", type, "schema", take_schema);
}

static json_t *error_schema(void)
{
    return json_pack("{s:s, s:{s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:s}},"
                     " s:[s, s, s, s]}",
                     "type", "object", "properties",
                     "code", "type", "string", "description", "Stable, for programs",
                     "message", "type", "string", "description", "One sentence for people",
                     "field", "type", "string", "description", "The input field to blame, or empty",
                     "id", "type", "string", "description", "The request, as in the server's log",
                     "required", "code", "message", "field", "id");
}

static json_t *path_parameters(const char *path)
{
    json_t *list = json_array();

    for (const char *p = strchr(path, '{'); p; p = strchr(p + 1, '{'))
        json_array_append_new(list,
                              json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", p + 1,
                                        strcspn(p + 1, "}"), "in", "path", "required", 1, "schema",
                                        "type", "string"));
    return list;
}

static bool is_required(json_t *schema, const char *name)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(schema, "required"), i, entry)
        if (strcmp(json_string_value(entry), name) == 0)
            return true;
    return false;
}

static void add_query_parameters(json_t *list, const struct field *query)
{
    json_t *schema = fields_schema(query, NULL), *property;
    const char *name;

    json_object_foreach(json_object_get(schema, "properties"), name, property) {
        json_t *parameter = json_pack("{s:s, s:s, s:b, s:O}", "name", name, "in", "query",
                                      "required", is_required(schema, name), "schema", property);
        json_t *help = json_object_get(property, "description");

        if (help)
            json_object_set(parameter, "description", help);
        json_array_append_new(list, parameter);
    }
    json_decref(schema);
}

static json_t *named_schema(const struct field *fields, const char *name, json_t *components)
{
    if (!name)
        return fields_schema(fields, components);
    if (!json_object_get(components, name)) {
        json_object_set_new(components, name, json_object()); /* it may refer to itself */
        json_object_set_new(components, name, fields_schema(fields, components));
    }
    return json_schema_ref(name);
}

static json_t *request_body(const struct route *r, json_t *components)
{
    json_t *schema;

    if (r->takes != HTTP_BODY_JSON)
        return json_pack("{s:o}", "content",
                         content("application/octet-stream",
                                 json_pack("{s:s, s:s}", "type", "string", "format", "binary")));
    schema = r->body ? fields_schema(r->body, components) : json_pack("{s:s}", "type", "object");
    return json_pack("{s:b, s:o}", "required", 1, "content", content("application/json", schema));
}

static json_t *success(const struct route *r, json_t *components)
{
    json_t *reply = json_pack("{s:s}", "description", r->status == 204 ? "Done" : "Success");

    if (r->status == 204)
        return reply;
    if (r->reply)
        json_object_set_new(reply, "content",
                            content("application/json",
                                    named_schema(r->reply, r->reply_name, components)));
    else if (r->reply_type)
        json_object_set_new(reply, "content", content(r->reply_type, json_object()));
    return reply;
}

static void add_error(json_t *responses, const char *status, const char *codes)
{
    json_t *reply = json_object_get(responses, status);

    if (reply) {
        json_object_set_new(reply, "description",
                            json_sprintf("%s, %s",
                                         json_string_value(json_object_get(reply, "description")),
                                         codes));
        return;
    }
    json_object_set_new(responses, status,
                        json_pack("{s:s, s:o}", "description", codes, "content",
                                  content("application/json", json_schema_ref("Error"))));
}

/* Another status of success: the same body, except where there is none to send. */
static void add_other_success(json_t *responses, const char *status, const char *text,
                              const struct route *r, json_t *components)
{
    json_t *reply = strcmp(status, "304") == 0 ? json_object() : success(r, components);

    json_object_set_new(reply, "description", json_string(text));
    json_object_set_new(responses, status, reply);
}

/* route.errors: "409 job.name_taken, 404 job.not_found" */
static void add_listed(json_t *responses, const char *list, const struct route *r,
                       json_t *components)
{
    char *copy = must_strdup(list), *state = NULL;

    for (char *e = strtok_r(copy, ",", &state); e; e = strtok_r(NULL, ",", &state)) {
        char status[4] = "";

        e += strspn(e, " ");
        if (!isdigit((unsigned char)e[0]) || strlen(e) < 5)
            continue;
        memcpy(status, e, 3);
        if (status[0] < '4')
            add_other_success(responses, status, e + 4, r, components);
        else
            add_error(responses, status, e + 4);
    }
    free(copy);
}

/* What is refused before the handler runs. */
static void add_common_errors(json_t *out, const struct http_app *app, const struct route *r,
                              json_t *components)
{
    if (!(r->who & HTTP_PUBLIC)) {
        add_error(out, "401", "session.required");
        add_error(out, "403", "role.forbidden");
        if (app->authenticate_errors)
            add_listed(out, app->authenticate_errors, r, components);
        if (app->unsafe_errors && r->method != HTTP_GET)
            add_listed(out, app->unsafe_errors, r, components);
    }
    if (strchr(r->path, '{'))
        add_error(out, "400", "path.malformed");
    add_error(out, "400", "query.malformed");
    add_error(out, "400", "request.malformed");
    if (r->takes == HTTP_BODY_NONE)
        add_error(out, "400", "body.unexpected");
    else
        add_error(out, "413", "body.too_large");
    if (r->takes == HTTP_BODY_JSON) {
        add_error(out, "400", "json.malformed");
        add_error(out, "415", "body.type");
    }
    if (r->body || r->query)
        add_error(out, "422", "field.invalid");
}

static json_t *responses_of(const struct http_app *app, const struct route *r,
                            json_t *components)
{
    char status[8];
    json_t *out = json_object();

    snprintf(status, sizeof status, "%u", r->status ? r->status : 200);
    json_object_set_new(out, status, success(r, components));
    add_common_errors(out, app, r, components);
    if (r->errors)
        add_listed(out, r->errors, r, components);
    add_error(out, "default", "The service is in trouble (500, 503, 507): internal, overloaded, "
                              "server.stopping, storage.full, …");
    return out;
}

static void describe_roles(json_t *operation, const struct route *r,
                           const char *(*role_name)(unsigned bit))
{
    json_t *names = json_array();
    struct buf text;

    if (r->who & HTTP_PUBLIC) {
        json_object_set_new(operation, "security", json_array());
        json_decref(names);
        return;
    }
    buf_init(&text, 1024);
    for (unsigned bit = 1; role_name && bit && bit < HTTP_PUBLIC; bit <<= 1) {
        const char *name = r->who & bit ? role_name(bit) : NULL;

        if (!name || !*name)
            continue;
        buf_printf(&text, "%s%s", text.size ? ", " : "For: ", name);
        json_array_append_new(names, json_string(name));
    }
    if (text.size)
        json_object_set_new(operation, "description", json_string(text.data));
    json_object_set_new(operation, "x-roles", names); /* the same for programs */
    buf_release(&text);
}

static json_t *operation(const struct http_app *app, const struct route *r, json_t *components,
                         const char *(*role_name)(unsigned bit))
{
    json_t *o = json_object(), *parameters = path_parameters(r->path);

    if (r->summary)
        json_object_set_new(o, "summary", json_string(r->summary));
    if (r->tag)
        json_object_set_new(o, "tags", json_pack("[s]", r->tag));
    describe_roles(o, r, role_name);
    if (r->query)
        add_query_parameters(parameters, r->query);
    if (r->header)
        json_array_append_new(parameters,
                              json_pack("{s:s, s:s, s:b, s:{s:s}, s:s}", "name", r->header, "in",
                                        "header", "required", 0, "schema", "type", "string",
                                        "description", r->header_help));
    json_object_set_new(o, "parameters", parameters);
    if (r->takes != HTTP_BODY_NONE)
        json_object_set_new(o, "requestBody", request_body(r, components));
    json_object_set_new(o, "responses", responses_of(app, r, components));
    return o;
}

static void add_route(json_t *paths, const struct http_app *app, const struct route *r,
                      json_t *components, const char *(*role_name)(unsigned bit))
{
    static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
    json_t *path = json_object_get(paths, r->path);

    if (!path) {
        path = json_object();
        json_object_set_new(paths, r->path, path);
    }
    json_object_set_new(path, methods[r->method], operation(app, r, components, role_name));
}

json_t *http_openapi(const struct http_app *app, const char *title, const char *version,
                     const char *(*role_name)(unsigned bit))
{
    json_t *paths = json_object(), *components = json_pack("{s:o}", "Error", error_schema());

    for (const struct route *const *table = app->tables; table && *table; table++)
        for (const struct route *r = *table; r->path; r++)
            if (!r->hidden)
                add_route(paths, app, r, components, role_name);
    return json_pack("{s:s, s:{s:s, s:s}, s:[{s:[]}, {s:[]}], s:o,"
                     " s:{s:o, s:{s:{s:s, s:s, s:s}, s:{s:s, s:s}}}}",
                     "openapi", "3.1.0", "info", "title", title, "version", version, "security",
                     "session", "key", "paths", paths, "components", "schemas", components,
                     "securitySchemes", "session", "type", "apiKey", "in", "cookie", "name",
                     app->cookie_name ? app->cookie_name : "session", "key", "type", "http", "scheme", "bearer");
}
