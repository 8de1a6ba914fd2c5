/* Every row of the table of shapes, walked: a request with good values everywhere is taken, and with
 * one value changed it is refused for that value, in the words of the constraint. */
#include "../../../server/aws/model.h"

#include "../check.h"

#include <stdlib.h>

static const struct shape *const shapes[] = {
    &shape_create_workforce, &shape_describe_workforce, &shape_update_workforce,
    &shape_list_workforces, &shape_create_workteam, &shape_describe_workteam,
    &shape_update_workteam, &shape_list_workteams, &shape_list_subscribed_workteams,
    &shape_add_tags, &shape_list_tags, &shape_delete_tags, &shape_create_labeling_job,
    &shape_describe_labeling_job, &shape_list_labeling_jobs,
    &shape_list_labeling_jobs_for_workteam, &shape_render_ui_template};

/* A text for each pattern, one that fits it and one that does not (NULL: nothing of that length). */
static const struct example {
    const char *pattern, *good, *bad;
} examples[] = {
    {"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "a--b9", "a-"},
    {"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}", "Label-1", "-a"},
    {"[a-zA-Z0-9]([a-zA-Z0-9\\-]){0,62}", "wf-", "_wf"},
    {"[a-zA-Z0-9\\-]+", "a-b", "a b"},
    {"(https|s3)://([^/]+)/?(.*)", "s3://bucket/key", "http://bucket/key"},
    {"arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
     "arn:aws-cn:iam::123456789012:role/path/r", "arn:aws:iam::12345678901:role/r"},
    {"arn:aws[a-z\\-]*:lambda:[a-z0-9\\-]*:[0-9]{12}:function:.*",
     "arn:aws:lambda:us-east-1:432418664414:function:PRE-ImageMultiClass",
     "arn:aws:lambda:us-east-1:432418664414:layer:x"},
    {"arn:aws[a-z\\-]*:sns:[a-z0-9\\-]*:[0-9]{12}:[a-zA-Z0-9_.-]+",
     "arn:aws:sns:us-east-1:123456789012:t.x", "arn:aws:sns:us-east-1:123456789012:"},
    {"arn:aws[a-z\\-]*:sns:[a-z0-9\\-]*:[0-9]{12}:[a-zA-Z0-9_.-]*",
     "arn:aws:sns:us-east-1:123456789012:", "arn:aws:sns:us-east-1:123456789012:a b"},
    {"arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:workteam/.*",
     "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/t",
     "arn:aws:sagemaker:us-east-1:123456789012:workforce/t"},
    {"arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]+:[0-9]{12}:human-task-ui/.*",
     "arn:aws-us-gov:sagemaker:us-east-1:394669845002:human-task-ui/X",
     "arn:aws:sagemaker::394669845002:human-task-ui/X"},
    {"arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:model/.*",
     "arn:aws:sagemaker:us-east-1:123456789012:model/m", "arn:aws:sagemaker:us-east-1:1:model/m-xx"},
    {"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+",
     "arn:aws:sagemaker:us-east-1:123456789012:labeling-job/j",
     "arn:aws:sagemaker:us-east-1:123456789012:"},
    {"arn:.*", "arn:aws:sagemaker:x:027400017018:labeling-job-algorithm-specification/y", "arm:"},
    {"[a-zA-Z0-9:/_-]*", "key/1", "key 1"},
    {"([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)", "Äpfel 1", "a#b"},
    {"[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", "grüppe+1", "a b"},
    {"[ -~]+", "printable ~", "\xc3\xa9"},
    {"https://\\S+", "https://idp.example.org", "http://idp.example.org"},
    {"[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*", "openid profile", "openid  profile"},
    {"[\\w-]+_[0-9a-zA-Z]+", "us-east-1_Ab9", "us-east-1"},
    {"vpc-[0-9a-z]*", "vpc-1a", "vpc_1"},
    {"sg-[0-9a-z]*", "sg-1", "SG-1"},
    {"subnet-[0-9a-z]*", "subnet-1", "subnet"},
    {"[-0-9a-zA-Z]+", "sg-1A", "sg_1"},
    {"[A-Za-z0-9]+( [A-Za-z0-9]+)*", "two words", "two  words"},
    {"[\\t\\n\\r -\\uD7FF\\uE000-\\uFFFD]*", "Titel \xe2\x82\xac\n", "grin \xf0\x9f\x98\x80"},
    {".+", "one line", "two\nlines"},
    {".*", "", "two\nlines"},
    {"[\\S\\s]+", "<b>\n</b>", NULL},
};

static const struct example *example_of(const char *pattern)
{
    static const struct example none = {"", "", NULL};

    for (size_t i = 0; i < COUNT(examples); i++)
        if (strcmp(examples[i].pattern, pattern) == 0)
            return &examples[i];
    CHECK(pattern, !"the test has no example of this pattern");
    return &none;
}

static json_t *repeat(const char *what, int64_t count)
{
    size_t n = strlen(what);
    char *text = must_alloc(n * (size_t)count + 1);
    json_t *out;

    for (int64_t i = 0; i < count; i++)
        memcpy(text + n * (size_t)i, what, n);
    out = json_string(text);
    free(text);
    return out;
}

static json_t *good(const struct shape *s)
{
    json_t *out;

    switch (s->kind) {
    case SHAPE_STRING:
        return json_string(s->choices   ? s->choices[0]
                           : s->fits    ? "10.0.0.0/8"
                           : s->pattern ? example_of(s->pattern)->good
                                        : "text");
    case SHAPE_INTEGER:
        return json_integer(s->min + 1);
    case SHAPE_TIMESTAMP:
        return json_integer(1700000000);
    case SHAPE_LIST:
        out = json_array();
        json_array_append_new(out, good(s->of));
        return out;
    case SHAPE_MAP:
        return json_pack("{s:s}", "name", "value");
    case SHAPE_STRUCTURE:
        break;
    }
    out = json_object();
    for (const struct shape_member *m = s->members; m->name; m++)
        json_object_set_new(out, m->name, good(m->shape));
    return out;
}

/* ---- one request, checked ---- */

static struct aws_patterns *patterns;
static struct arena         paths; /* texts that live as long as the test */
static const struct shape  *root_shape;
static json_t              *root;
static char                 said[20000];

static const char *verdict_of(const struct shape *shape, json_t *value)
{
    json_t *copy = json_deep_copy(value);
    const char *message = "";
    static char code[64];
    struct error err = {0};
    struct arena a;

    arena_init(&a);
    if (aws_model_check(patterns, shape, copy, &a, &message, &err))
        code[0] = said[0] = '\0';
    else {
        snprintf(code, sizeof code, "%s", err.code);
        snprintf(said, sizeof said, "%s", message);
    }
    json_decref(copy);
    arena_release(&a);
    return code;
}

/* Where a value stands: a member of an object, or the first of a list. */
struct place {
    json_t     *parent;
    const char *name; /* NULL: first of a list */
    const char *path; /* as in errors */
};

static void put(const struct place *at, json_t *value)
{
    if (at->name)
        json_object_set_new(at->parent, at->name, value);
    else
        json_array_set_new(at->parent, 0, value);
}

static const char *label(const struct place *at, const char *what)
{
    static char text[400];

    snprintf(text, sizeof text, "%s %s: %s", root_shape->name, at->path, what);
    return text;
}

/* With `bad` at the place, the request is refused with the code, the path and the words. */
static void refused(const struct place *at, json_t *bad, const char *code, const char *words,
                    const char *what)
{
    json_t *before = json_incref(at->name ? json_object_get(at->parent, at->name)
                                          : json_array_get(at->parent, 0));
    const char *got;

    put(at, bad);
    got = verdict_of(root_shape, root);
    if (!CHECK(label(at, what),
               strcmp(got, code) == 0 && strstr(said, at->path) && strstr(said, words)))
        printf("# wanted %s \"%s\", got %s: %s\n", code, words, got, said);
    put(at, before);
}

#define INVALID "ValidationException"
#define UNREADABLE "SerializationException"

static const char *bound(const char *format, int64_t n)
{
    static char text[200];

    snprintf(text, sizeof text, format, (long long)n);
    return text;
}

static void walk_string(const struct shape *s, const struct place *at)
{
    refused(at, json_integer(5), UNREADABLE, "must be a text", "a number");
    if (s->min > 0)
        refused(at, repeat("a", s->min - 1), INVALID,
                bound("Member must have length greater than or equal to %lld", s->min), "too short");
    if (s->max > 0)
        refused(at, repeat("\xc3\xa9", s->max + 1), INVALID,
                bound("Member must have length less than or equal to %lld", s->max), "too long");
    if (s->choices)
        refused(at, json_string("Nothing"), INVALID, "Member must satisfy enum value set: [",
                "not in the list");
    if (s->fits)
        refused(at, json_string("10.0.0.0/33"), INVALID, s->rule, "against the rule");
    if (s->pattern && example_of(s->pattern)->bad)
        refused(at, json_string(example_of(s->pattern)->bad), INVALID,
                "Member must satisfy regular expression pattern: ", "against the pattern");
}

static void walk_integer(const struct shape *s, const struct place *at)
{
    refused(at, json_string("5"), UNREADABLE, "must be a whole number", "a text");
    refused(at, json_real(2.5), UNREADABLE, "must be a whole number", "a fraction");
    refused(at, json_real(1e12), UNREADABLE, "must be a whole number", "too large for 32 bits");
    refused(at, json_integer(s->min - 1), INVALID,
            bound("Member must have value greater than or equal to %lld", s->min), "too small");
    if (s->max)
        refused(at, json_integer(s->max + 1), INVALID,
                bound("Member must have value less than or equal to %lld", s->max), "too large");
}

static void walk(const struct shape *s, const struct place *at);

static const char *joined(const char *path, const char *name)
{
    char *text = arena_printf(&paths, "%s%s%s", path, *path ? "." : "", name);
    size_t n = strlen(path);

    if (n) /* the place of the member's first letter */
        n++;
    if (text[n] >= 'A' && text[n] <= 'Z')
        text[n] = (char)(text[n] - 'A' + 'a');
    return text;
}

static void walk_members(const struct shape *s, json_t *value, const char *path)
{
    for (const struct shape_member *m = s->members; m->name; m++) {
        struct place at = {value, m->name, joined(path, m->name)};

        walk(m->shape, &at);
        if (m->required) {
            json_t *before = json_incref(json_object_get(value, m->name));

            refused(&at, json_null(), INVALID, "Member must not be null", "null");
            json_object_del(value, m->name);
            CHECK_TEXT(label(&at, "left out"), verdict_of(root_shape, root), INVALID);
            json_object_set_new(value, m->name, before);
        }
    }
}

static json_t *list_of(json_t *take, int64_t count)
{
    json_t *out = json_array();

    for (int64_t i = 0; i < count; i++)
        json_array_append(out, take);
    json_decref(take);
    return out;
}

static void walk_list(const struct shape *s, const struct place *at, json_t *value)
{
    struct place first = {value, NULL, joined(at->path, "1.member")};

    refused(at, json_object(), UNREADABLE, "must be a list", "an object");
    if (s->min > 0)
        refused(at, json_array(), INVALID, "Member must have length greater than or equal to",
                "too few");
    if (s->max > 0)
        refused(at, list_of(good(s->of), s->max + 1), INVALID,
                bound("Member must have length less than or equal to %lld", s->max), "too many");
    walk(s->of, &first);
}

static void walk(const struct shape *s, const struct place *at)
{
    json_t *value = at->name ? json_object_get(at->parent, at->name) : json_array_get(at->parent, 0);

    switch (s->kind) {
    case SHAPE_STRING:
        walk_string(s, at);
        break;
    case SHAPE_INTEGER:
        walk_integer(s, at);
        break;
    case SHAPE_TIMESTAMP:
        refused(at, json_string("yesterday"), UNREADABLE, "must be a time", "no time");
        refused(at, json_object(), UNREADABLE, "must be a time", "an object");
        break;
    case SHAPE_STRUCTURE:
        refused(at, json_array(), UNREADABLE, "must be an object", "a list");
        walk_members(s, value, at->path);
        break;
    case SHAPE_LIST:
        walk_list(s, at, value);
        break;
    case SHAPE_MAP:
        refused(at, json_array(), UNREADABLE, "must be an object", "a list");
        refused(at, json_pack("{s:i}", "name", 1), UNREADABLE, "must be a text", "a map to numbers");
        refused(at, json_pack("{s:s}", "name", "a\nb"), INVALID, "regular expression", "a bad value");
        break;
    }
}

static void test_all(void)
{
    for (size_t i = 0; i < COUNT(shapes); i++) {
        root_shape = shapes[i];
        root = good(root_shape);
        if (!CHECK(root_shape->name, strcmp(verdict_of(root_shape, root), "") == 0))
            printf("# %s\n", said);
        json_object_set_new(root, "NotInTheModel", json_integer(1));
        CHECK_TEXT("unknown members are taken", verdict_of(root_shape, root), "");
        walk_members(root_shape, root, "");
        json_decref(root);
    }
}

/* ---- the words ---- */

static void test_words(void)
{
    json_t *in = json_pack("{s:s}", "LabelingJobName", "a_b");

    CHECK_TEXT("a bad name", verdict_of(&shape_describe_labeling_job, in), INVALID);
    CHECK_TEXT("as AWS says it", said,
               "1 validation error detected: Value 'a_b' at 'labelingJobName' failed to satisfy "
               "constraint: Member must satisfy regular expression pattern: "
               "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
    json_decref(in);
    in = json_pack("{s:i, s:s, s:n}", "MaxResults", 101, "SortBy", "Age", "NameContains");
    CHECK_TEXT("two at once", verdict_of(&shape_list_workteams, in), INVALID);
    CHECK_TEXT("both are told", said,
               "2 validation errors detected: Value 'Age' at 'sortBy' failed to satisfy constraint: "
               "Member must satisfy enum value set: [Name, CreateDate]; Value '101' at 'maxResults' "
               "failed to satisfy constraint: Member must have value less than or equal to 100");
    json_decref(in);
    in = good(&shape_create_workforce);
    json_object_set_new(json_object_get(in, "OidcConfig"), "ClientSecret",
                        json_string("s\xc3\xa9" "cret"));
    CHECK_TEXT("a secret with a bad letter", verdict_of(&shape_create_workforce, in), INVALID);
    CHECK("is not repeated", !strstr(said, "s\xc3") && strstr(said, "'oidcConfig.clientSecret'"));
    json_decref(in);
    in = json_array();
    CHECK_TEXT("a body that is a list", verdict_of(&shape_list_workteams, in), UNREADABLE);
    json_decref(in);
}

static void test_leaves_what_is_known(void)
{
    json_t *in = json_pack("{s:s, s:{s:i}, s:n}", "WorkteamName", "t", "Other", "Deep", 1,
                           "Description");
    const char *message = NULL;
    struct arena a;

    arena_init(&a);
    CHECK("taken", aws_model_check(patterns, &shape_update_workteam, in, &a, &message, NULL));
    CHECK_INT("unknown and null members are gone", (int)json_object_size(in), 1);
    json_decref(in);
    arena_release(&a);
}

static int64_t at(json_t *take)
{
    int64_t us = -1;

    if (!aws_timestamp_parse(take, &us))
        us = INT64_MIN;
    json_decref(take);
    return us;
}

static void test_times(void)
{
    const int64_t t = INT64_C(1700000000000000);

    CHECK_INT("an integer", at(json_integer(1700000000)), t);
    CHECK_INT("a float", at(json_real(1700000000.5)), t + 500000);
    CHECK_INT("an exponent", at(json_loads("1.7e9", JSON_DECODE_ANY, NULL)), t);
    CHECK_INT("digits in a text", at(json_string("1700000000.25")), t + 250000);
    CHECK_INT("RFC 3339", at(json_string("2023-11-14T22:13:20Z")), t);
    CHECK_INT("with a fraction", at(json_string("2023-11-14T22:13:20.123456Z")), t + 123456);
    CHECK_INT("with an offset", at(json_string("2023-11-14T23:13:20+01:00")), t);
    CHECK_INT("and one to the west", at(json_string("2023-11-14t17:13:20-05:00")), t);
    CHECK_INT("a day alone", at(json_string("2023-11-14")), INT64_MIN);
    CHECK_INT("no zone", at(json_string("2023-11-14T22:13:20")), INT64_MIN);
    CHECK_INT("month 13", at(json_string("2023-13-14T22:13:20Z")), INT64_MIN);
    CHECK_INT("a long way off", at(json_real(1e300)), INT64_MIN);
    CHECK_INT("empty", at(json_string("")), INT64_MIN);
    CHECK_INT("hexadecimal", at(json_string("0x10")), INT64_MIN);
    CHECK_INT("true", at(json_true()), INT64_MIN);
}

/* A pattern that would take for ever gives up. */
static void test_long_values(void)
{
    json_t *in = json_pack("{s:o}", "NextToken", repeat("a", 8192));
    json_t *cidrs = json_pack("{s:{s:[s, s, s]}, s:s}", "SourceIpConfig", "Cidrs", "10.0.0.0/8",
                              "2001:db8::/32", "::/0", "WorkforceName", "w");

    CHECK_TEXT("a long token", verdict_of(&shape_list_workteams, in), "");
    json_decref(in);
    CHECK_TEXT("blocks of both kinds", verdict_of(&shape_update_workforce, cidrs), "");
    json_decref(cidrs);
}

int main(void)
{
    struct error err = {0};

    patterns = aws_patterns_new(shapes, COUNT(shapes), &err);
    if (!CHECK("the patterns compile", patterns != NULL)) {
        printf("# %s\n", err.message);
        return check_done();
    }
    test_all();
    test_words();
    test_leaves_what_is_known();
    test_times();
    test_long_values();
    aws_patterns_free(patterns);
    arena_release(&paths);
    return check_done();
}
