/* The template language: known answers from Liquid's documentation, and templates as worker pages
 * have them. */
#include "../check.h"

#include "plumbline/aws/liquid.h"

#include <stdlib.h>

static const char variables_text[] =
    "{\"n\":7,\"x\":7.5,\"t\":\"Tom & \\\"Ann\\\" "
    "<b>'s\",\"word\":\"apple\",\"yes\":true,\"no\":false,"
    "\"nothing\":null,\"none\":[],\"void\":{},\"list\":[\"b\",\"a\",\"c\"],\"nums\":[3,1,2],"
    "\"uni\":\"na\\u00efve caf\\u00e9\",\"deep\":[[1,2],[3]],"
    "\"pears\":[{\"name\":\"Conference\",\"ripe\":true,\"w\":2},{\"name\":\"anjou\",\"ripe\":false,"
    "\"w\":1},"
    "{\"name\":\"Bosc\",\"w\":3}],"
    "\"task\":{\"input\":{\"taskObject\":\"s3://orchard/img/1.jpg\",\"source-ref\":\"s3://o/"
    "2.jpg\","
    "\"labels\":[\"apple\",\"pear & quince\"],\"class_id\":1,"
    "\"manifestLine\":{\"boxes\":{\"annotations\":[{\"class_id\":0,\"left\":11.4,\"top\":20,"
    "\"width\":30,"
    "\"height\":40}]},\"boxes-metadata\":{\"class-map\":{\"0\":\"apple\",\"1\":\"pear\"}},"
    "\"mask-ref-metadata\":{\"internal-color-map\":{\"0\":{\"class-name\":\"BACKGROUND\","
    "\"hex-color\":\"#ffffff\"},\"1\":{\"class-name\":\"apple\",\"hex-color\":\"#2ca02c\"}}}}}}}";

static json_t *variables;

static char *granted(void *ctx, const char *uri)
{
    char *url;

    ++*(int *)ctx;
    if (strstr(uri, "secret"))
        return NULL;
    return asprintf(&url, "https://%s?a=1&b=2", uri + 5) < 0 ? NULL : url;
}

/* The text, and the codes of the errors in `codes` ("A B"). */
static char *rendered(const char *template, const struct liquid_options *options, char *codes,
                      size_t size)
{
    json_t *errors = json_array(), *entry;
    struct buf out;
    size_t i;
    bool ok;

    buf_init(&out, 16 << 20);
    ok = liquid_render(template, strlen(template), variables, options, &out, errors);
    *codes = '\0';
    json_array_foreach(errors, i, entry)
    {
        size_t at = strlen(codes);

        snprintf(codes + at, size - at, "%s%s", i ? " " : "",
                 json_string_value(json_object_get(entry, "Code")));
    }
    if (ok != (json_array_size(errors) == 0))
        snprintf(codes, size, "the result does not fit the errors");
    json_decref(errors);
    return buf_take(&out);
}

struct known {
    const char *template, *want;
};

static void check_known(const char *subject, const struct known *known, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char codes[2000], name[400];
        char *got = rendered(known[i].template, NULL, codes, sizeof codes);

        snprintf(name, sizeof name, "%s: %s", subject, known[i].template);
        for (char *p = name; *p; p++)
            if (*p == '\n' || *p == '#')
                *p = *p == '#' ? '=' : ' ';
        CHECK_TEXT(name, got, known[i].want);
        if (*codes)
            CHECK_TEXT(name, codes, "");
        free(got);
    }
}

#define KNOWN(subject, ...)                                                                        \
    do {                                                                                           \
        static const struct known known_[] = {__VA_ARGS__};                                        \
        check_known(subject, known_, COUNT(known_));                                               \
    } while (0)

static void test_objects(void)
{
    KNOWN("objects", {"a {{ n }} b", "a 7 b"}, {"{{word}}", "apple"}, {"{{ x }}", "7.5"},
          {"{{ nothing }}|{{ missing.deep[3].x }}", "|"}, {"{{ yes }}{{ no }}", "truefalse"},
          {"{{ 'a}' }}{{ \"it's\" }}", "a}it&#39;s"},
          {"{{ -3 }} {{ 2.50 }} {{ 1.0 }}", "-3 2.5 1.0"}, {"{{ list }}", "bac"},
          {"{{ deep }}", "123"}, {"{{ (1..3) }}", "1..3"},
          {"{{ list[0] }}{{ list[-1] }}{{ list[3] }}{{ list.first }}{{ list.last }}", "bcbc"},
          {"{{ list.size }} {{ word.size }} {{ uni.size }} {{ task.size }}", "3 5 10 1"},
          {"{{ task.input.source-ref }}", "s3://o/2.jpg"},
          {"{{ task['input'][\"source-ref\"] }}", "s3://o/2.jpg"},
          {"{% assign k = 'source-ref' %}{{ task.input[k] }}", "s3://o/2.jpg"},
          {"{{ task.input.manifestLine.boxes-metadata.class-map[task.input.class_id] }}", "pear"},
          {"{{ task.input.labels[task.input.class_id] }}", "pear &amp; quince"},
          {"{{ t }}", "Tom &amp; &quot;Ann&quot; &lt;b&gt;&#39;s"},
          {"{label: {{n}}}", "{label: 7}"}, {"{ { % } }{{ }}", "{ { % } }"}, {"", ""});
}

static void test_space(void)
{
    KNOWN("white space", {" a \n{{- n -}}\n b", " a7b"},
          {"a {%- if yes -%} b {%- endif -%} c", "abc"}, {"a {{- n }} b", "a7 b"},
          {"a {{ n -}} b", "a 7b"}, {"x {%- raw -%} {{ n }} {%- endraw -%} y", "x{{ n }}y"},
          {"x {%- comment -%} no {%- endcomment -%} y", "xy"},
          {"{%- assign a = 1 -%}  \n{{ a }}", "1"}, {"{{-}}a", "a"}, {"{% # remark %}a", "a"});
}

static void test_conditions(void)
{
    KNOWN("if", {"{% if n == 7 %}a{% else %}b{% endif %}", "a"},
          {"{% if n > 7 %}a{% elsif n >= 7 %}b{% else %}c{% endif %}", "b"},
          {"{% if missing %}a{% endif %}{% if no %}b{% endif %}{% if '' %}c{% endif %}{% if 0 "
           "%}d{% endif %}",
           "cd"},
          {"{% unless n < 7 %}a{% endunless %}", "a"},
          {"{% unless yes %}a{% else %}b{% endunless %}", "b"},
          {"{% if word contains 'ppl' %}a{% endif %}{% if list contains 'c' %}b{% endif %}"
           "{% if task contains 'input' %}c{% endif %}{% if word contains 'x' %}d{% endif %}",
           "abc"},
          {"{% if yes or no and no %}a{% endif %}", "a"}, /* yes or (no and no)  */
          {"{% if no and no or yes %}a{% endif %}", ""},  /* no and (no or yes)  */
          {"{% if none == empty %}a{% endif %}{% if void == empty %}b{% endif %}"
           "{% if '' == empty %}c{% endif %}{% if nothing == empty %}d{% endif %}"
           "{% if '  ' == blank %}e{% endif %}{% if nothing == blank %}f{% endif %}",
           "abcef"},
          {"{% if nothing == nil %}a{% endif %}{% if nothing < 1 %}b{% endif %}", "a"},
          {"{% if x == 7.5 %}a{% endif %}{% if n == 7.0 %}b{% endif %}{% if n <> 8 %}c{% endif %}",
           "abc"},
          {"{% if 'a' < 'b' %}a{% endif %}{% if n == '7' %}b{% endif %}", "a"},
          {"{% if deep[0] == deep[0] %}a{% endif %}{% if deep[0] != deep[1] %}b{% endif %}", "ab"},
          {"{% case n %}{% when 1, 2 %}a{% when 3 or 7 %}b{% else %}c{% endcase %}", "b"},
          {"{% case word %} skipped {% when 'x' %}a{% else %}c{% endcase %}", "c"});
}

static void test_loops(void)
{
    KNOWN("for", {"{% for i in list %}{{ i }},{% endfor %}", "b,a,c,"},
          {"{% for i in (1..n) %}{{ i }}{% endfor %}", "1234567"},
          {"{% for i in (3..1) %}x{% else %}none{% endfor %}{% for i in nothing %}x{% else "
           "%}none{% endfor %}",
           "nonenone"},
          {"{% for i in (1..9) limit:3 offset:2 %}{{ i }}{% endfor %}", "345"},
          {"{% for i in (1..9) reversed limit: 2 %}{{ i }}{% endfor %}", "21"},
          {"{% for i in (1..6) limit: 2 %}{{ i }}{% endfor %}-{% for i in (1..6) offset: continue "
           "%}{{ i }}{% endfor %}",
           "12-3456"},
          {"{% for i in (1..9) %}{% if i == 3 %}{% continue %}{% endif %}{% if i == 5 %}{% break "
           "%}{% endif %}{{ i }}{% endfor %}.",
           "124."},
          {"{% for i in list %}{{ forloop.index }}{{ forloop.index0 }}{{ forloop.rindex }}{{ "
           "forloop.rindex0 }}"
           "{% if forloop.first %}F{% endif %}{% if forloop.last %}L{% endif %}{{ forloop.length "
           "}} {% endfor %}",
           "1032F3 21213 3210L3 "},
          {"{% for a in deep %}{% for b in a %}{{ forloop.parentloop.index }}{{ b }} {% endfor "
           "%}{% endfor %}",
           "11 12 23 "},
          {"{% for i in list %}{% endfor %}{{ i }}{% assign i = 'k' %}{% for i in list %}{{ i }}{% "
           "endfor %}{{ i }}",
           "back"},
          {"{% for i in word %}[{{ i }}]{% endfor %}", "[apple]"},
          {"{% for box in task.input.manifestLine.mask-ref-metadata.internal-color-map %}{{ box[0] "
           "}}="
           "{{ box[1]['hex-color'] }}/{{ box[1].class-name }}{% unless forloop.last %}, {% "
           "endunless %}{% endfor %}",
           "0=#ffffff/BACKGROUND, 1=#2ca02c/apple"},
          {"{% for i in (1..4) %}{% cycle 'a', 'b' %}{% endfor %}{% cycle g: 1, 2 %}{% cycle g: 1, "
           "2 %}{% cycle g: 1, 2 %}",
           "abab121"},
          {"{% increment c %}{% increment c %}{% decrement d %}{% decrement d %}", "01-1-2"},
          {"{% for i in (1..9007199254740993) limit: 2 %}{{ i }}{{ forloop.length }}{% endfor %}",
           "1222"});
}

static void test_tags(void)
{
    KNOWN("tags", {"{% assign a = n | plus: 1 %}{{ a }}", "8"},
          {"{% assign a-b = 'x' %}{{ a-b }}", "x"},
          {"{% capture c %}<i>{{ t }}</i>{% endcapture %}{{ c }}",
           "<i>Tom &amp; &quot;Ann&quot; &lt;b&gt;&#39;s</i>"},
          {"{% capture 'c' %}x{% endcapture %}{{ c }}{{ c }}", "xx"},
          {"a{% comment %}{{ broken | {% comment %} {% if %}{% endcomment %}{% nope %}{% "
           "endcomment %}b",
           "ab"},
          {"{% raw %}{{ n }} {% if %}{% endraw %}{{ n }}", "{{ n }} {% if %}7"},
          {"{% echo word | upcase %}", "APPLE"},
          {"{% if yes %}{% for i in list %}{% if i == 'a' %}{{ i }}{% endif %}{% endfor %}{% endif "
           "%}",
           "a"});
}

static void test_escaping(void)
{
    KNOWN(
        "escape", {"{{ '<a&b>' | escape }}", "&lt;a&amp;b&gt;"},
        {"{{ '<' | escape | escape }}", "&lt;"},
        {"{{ '1 &lt; 2 & 3 &#39; &#x27; &; &a b;' | escape_once }}",
         "1 &lt; 2 &amp; 3 &#39; &#x27; &amp;; &amp;a b;"},
        {"{{ t | skip_autoescape }}", "Tom & \"Ann\" <b>'s"},
        {"{{ t | skip_autoescape | upcase }}", "TOM &amp; &quot;ANN&quot; &lt;B&gt;&#39;S"},
        {"{{ ' <b> ' | skip_autoescape | strip }}", "<b>"},
        {"{{ task.input.labels | to_json | escape }}",
         "[&quot;apple&quot;,&quot;pear &amp; quince&quot;]"},
        {"{{ task.input.labels | to_json }}", "[&quot;apple&quot;,&quot;pear &amp; quince&quot;]"},
        {"{{ task.input.manifestLine.boxes | to_json | skip_autoescape }}",
         "{\"annotations\":[{\"class_id\":0,\"left\":11.4,\"top\":20,\"width\":30,\"height\":40}]"
         "}"},
        {"{{ nothing | to_json }}{{ x | to_json }}{{ yes | to_json }}", "null7.5true"},
        {"{% assign e = 'a\"b\\\n' | to_json %}{{ e | skip_autoescape }}", "\"a\\\"b\\\\\\n\""},
        {"{{ (1..3) | to_json }}{{ list | sort | to_json | skip_autoescape }}",
         "[1,2,3][\"a\",\"b\",\"c\"]"},
        {"{{ 'a\nb<' | escape | newline_to_br }}", "a<br />\nb&lt;"},
        {"{{ task | grant_read_access | size }}", "1"});
}

static void test_text_filters(void)
{
    KNOWN("text", {"{{ 'a' | append: 'b' | prepend: 'c' }}", "cab"},
          {"{{ n | append: '!' }}", "7!"}, {"{{ 'tITLE case' | capitalize }}", "Title case"},
          {"{{ 'aB' | upcase }}{{ 'aB' | downcase }}", "ABab"},
          {"[{{ '  a ' | strip }}][{{ ' a ' | lstrip }}][{{ ' a ' | rstrip }}]", "[a][a ][ a]"},
          {"{{ 'a-a-a' | replace: 'a', 'bb' }} {{ 'a-a' | replace_first: 'a', 'b' }} {{ 'a-a' | "
           "replace_last: 'a', 'b' }}",
           "bb-bb-bb b-a a-b"},
          {"{{ 'a-a' | remove: 'a' }}{{ 'xax' | remove_first: 'x' }}{{ 'xax' | remove_last: 'x' }}",
           "-axxa"},
          {"{{ 'abc' | replace: '', 'x' }}", "abc"},
          {"{{ 'a~b~~' | split: '~' | join: '+' }}|{{ ' a  b ' | split: ' ' | join: '+' }}|{{ "
           "'a\303\251' | split: '' | join: '-' }}",
           "a+b|a+b|a-\303\251"},
          {"{{ uni | slice: 2 }}{{ uni | slice: -4, 3 }}{{ word | slice: 9 }}{{ word | slice: 1, "
           "-1 }}{{ list | slice: 1, 5 }}",
           "\303\257cafac"},
          {"{{ 'Ground control to Major Tom.' | truncate: 20 }}", "Ground control to..."},
          {"{{ 'Ground control' | truncate: 9, ', on' }}|{{ 'Ground' | truncate: 6 }}|{{ 'Ground' "
           "| truncate: 1 }}",
           "Groun, on|Ground|..."},
          {"{{ 'one two  three' | truncatewords: 2 }}|{{ 'one two ' | truncatewords: 2 }}",
           "one two...|one two "},
          {"{{ 'a b/\303\251~' | url_encode }} {{ 'a+b%2F%C3%A9%' | url_decode }}",
           "a+b%2F%C3%A9~ a b/\303\251%"},
          {"{{ 'a\r\nb' | strip_newlines }}", "ab"},
          {"{{ 'x<b>y</b><!-- > --><script>1>2</script>z < w' | strip_html }}", "xyz &lt; w"},
          {"{{ nothing | default: 'd' }}{{ '' | default: 'd' }}{{ none | default: 'd' }}{{ no | "
           "default: 'd' }}"
           "{{ no | default: 'd', allow_false: true }}{{ 0 | default: 'd' }}",
           "ddddfalse0"},
          {"{{ 0 | date: '%Y-%m-%d %H:%M:%S' }}|{{ '2026-11-02T08:15:30.120+01:00' | date: '%d %b "
           "%Y %-H:%M %s %Z %%' }}",
           "1970-01-01 00:00:00|02 Nov 2026 7:15 1793603730 UTC %"},
          {"{{ 'no date' | date: '%Y' }}{{ 'now' | date: '%Y' }}{{ '2026-02-03' | date: '%j%Q' }}",
           "no datenow034%Q"});
}

static void test_number_and_list_filters(void)
{
    KNOWN("numbers",
          {"{{ 4 | plus: 2 }} {{ 4 | minus: 6 }} {{ 3 | times: 2.5 }} {{ '4' | plus: '2' }}",
           "6 -2 7.5 6"},
          {"{{ 16 | divided_by: 4 }} {{ 5 | divided_by: 3 }} {{ -7 | divided_by: 2 }} {{ 20 | "
           "divided_by: 8.0 }}",
           "4 1 -4 2.5"},
          {"{{ 3 | modulo: 2 }} {{ -7 | modulo: 3 }} {{ 183.357 | modulo: 12 | round: 3 }}",
           "1 2 3.357"},
          {"{{ 1.2 | round }} {{ 2.7 | round }} {{ 183.357 | round: 2 }} {{ 1.2 | ceil }} {{ 1.8 | "
           "floor }} {{ '3.5' | ceil }}",
           "1 3 183.36 2 1 4"},
          {"{{ -17 | abs }} {{ '-19.86' | abs }} {{ 4 | at_least: 5 }} {{ 4 | at_most: 3 }}",
           "17 19.86 5 3"},
          {"{{ 0.1 | plus: 0.2 }}", "0.30000000000000004"});
    KNOWN(
        "lists",
        {"{{ list | sort | join: ', ' }} {{ nums | sort | join }} {{ list | reverse | join: '' }}",
         "a, b, c 1 2 3 cab"},
        {"{{ pears | sort: 'w' | map: 'name' | join: ' ' }}", "anjou Conference Bosc"},
        {"{{ pears | map: 'name' | sort | join: ' ' }}|{{ pears | map: 'name' | sort_natural | "
         "join: ' ' }}",
         "Bosc Conference anjou|anjou Bosc Conference"},
        {"{{ pears | where: 'ripe', true | map: 'name' }}{{ pears | where: 'ripe' | size }}{{ "
         "pears | map: 'ripe' | compact | size }}",
         "Conference12"},
        {"{{ 'a b a' | split: ' ' | uniq | join: ' ' }} {{ nums | concat: list | join: '' }} {{ "
         "nums | sum }} {{ pears | sum: 'w' }}",
         "a b 312bac 6 6"},
        {"{{ list | first }}{{ list | last }}{{ none | first }}{{ word | first }}{{ list | size }}",
         "bc3"},
        {"{{ word | join: '-' }}{{ nothing | join }}{{ n | sort }}", "apple7"});
}

static void test_crowd(void)
{
    int asked = 0;
    struct liquid_options options = {.grant_read_access = granted, .ctx = &asked, .now = 86400};
    char codes[200];
    char *got = rendered(
        "<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>\n"
        "<crowd-form>\n"
        "  <crowd-bounding-box name=\"boundingBox\"\n"
        "    src=\"{{ task.input.taskObject | grant_read_access }}\"\n"
        "    labels=\"{{ task.input.labels | to_json | escape }}\"\n"
        "    initial-value=\"[\n"
        "    {%- for box in task.input.manifestLine.boxes.annotations -%}\n"
        "      {%- capture class_id -%}{{ box.class_id }}{%- endcapture -%}\n"
        "      {%- assign label = task.input.manifestLine.boxes-metadata.class-map[class_id] -%}\n"
        "      { label: {{ label | to_json }}, left: {{ box.left }}, top: {{ box.top }} },\n"
        "    {%- endfor -%}\n"
        "    ]\"></crowd-bounding-box>\n"
        "</crowd-form>",
        &options, codes, sizeof codes);

    CHECK_TEXT("an adjustment template", got,
               "<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>\n"
               "<crowd-form>\n"
               "  <crowd-bounding-box name=\"boundingBox\"\n"
               "    src=\"https://orchard/img/1.jpg?a=1&amp;b=2\"\n"
               "    labels=\"[&quot;apple&quot;,&quot;pear &amp; quince&quot;]\"\n"
               "    initial-value=\"[{ label: &quot;apple&quot;, left: 11.4, top: 20 "
               "},]\"></crowd-bounding-box>\n"
               "</crowd-form>");
    CHECK_TEXT("has no errors", codes, "");
    CHECK_INT("asks once for the picture", asked, 1);
    free(got);
    got =
        rendered("{{ 'https://a/b' | grant_read_access }} {{ 's3://secret' | grant_read_access }} "
                 "{{ n | grant_read_access }} {{ 'now' | date: '%F' }}",
                 &options, codes, sizeof codes);
    CHECK_TEXT("other values stay", got, "https://a/b s3://secret 7 1970-01-02");
    CHECK_INT("only s3 is asked for", asked, 2);
    free(got);
}

static void check_wrong(const char *template, const char *want, const char *want_codes)
{
    char codes[4000], name[200];
    char *got = rendered(template, NULL, codes, sizeof codes);

    snprintf(name, sizeof name, "wrong: %.150s", template);
    CHECK_TEXT(name, got, want);
    CHECK_TEXT("its codes", codes, want_codes);
    free(got);
}

static void test_errors(void)
{
    json_t *errors = json_array();
    struct buf out;

    check_wrong("a{{ n | nope }}b", "ab", "UnknownFilter");
    check_wrong("a{% nope x %}b", "ab", "UnknownTag");
    check_wrong("a{% include 'x' %}b{%%}", "ab", "UnknownTag SyntaxError");
    check_wrong("a{{ n | plus }}b", "ab", "ArgumentError");
    check_wrong("a{{ n | divided_by: 0 }}b{{ n | modulo: 0 }}{{ n | divided_by: 0.0 }}", "ab",
                "ArgumentError ArgumentError ArgumentError");
    check_wrong("{{ 9223372036854775807 | plus: 1 }}{{ 99999999999999999999 }}", "",
                "SyntaxError ArgumentError");
    check_wrong("a{{ n n }}{{ }}{{ | x }}{{ a. }}{{ a[1 }}{{ 'x }}b", "ab",
                "SyntaxError SyntaxError SyntaxError SyntaxError SyntaxError");
    check_wrong("a{% if n %}b", "ab", "SyntaxError");
    check_wrong("a{% if n == %}b{% else %}c{% endif %}d", "acd", "SyntaxError");
    check_wrong("a{% endif %}{% else %}b{% break %}", "ab", "SyntaxError SyntaxError SyntaxError");
    check_wrong("a{% for x %}b{% endfor %}c", "ac", "SyntaxError");
    check_wrong(
        "a{% for x in list foo %}b{% endfor %}c{% assign 1 = 2 %}{% capture %}{% endcapture %}",
        "ac", "SyntaxError SyntaxError SyntaxError");
    check_wrong("a{{ n b {% if %}", "a{{ n b ", "SyntaxError SyntaxError SyntaxError");
    check_wrong("{% raw %}x", "x", "SyntaxError");
    check_wrong("{% if n < 'a' %}b{% endif %}c", "c", "ArgumentError");
    buf_init(&out, 1000);
    liquid_render("x\n\303\251 {{ n | nope }}", 19, variables, NULL, &out, errors);
    CHECK_TEXT("an error says where",
               json_string_value(json_object_get(json_array_get(errors, 0), "Message")),
               "Line 2, column 10: There is no filter 'nope'.");
    CHECK("invalid UTF-8 is refused", !liquid_render("\xff", 1, variables, NULL, &out, errors));
    json_decref(errors);
    buf_release(&out);
}

static void test_limits(void)
{
    struct liquid_options small = {.output_max = 10, .steps_max = 1000};
    char codes[4000], *got, *deep = malloc(200000);
    size_t at = 0;

    got = rendered("{% for i in (1..100) %}abc{% endfor %}", &small, codes, sizeof codes);
    CHECK_TEXT("the output ends at its limit", got, "abcabcabc");
    CHECK_TEXT("and that is said", codes, "LimitExceeded");
    free(got);
    got = rendered("x{% for i in (1..1000000000000) %}{% endfor %}y", &small, codes, sizeof codes);
    CHECK_TEXT("a loop ends at the limit of steps", got, "x");
    CHECK_TEXT("and that is said too", codes, "LimitExceeded");
    free(got);
    got = rendered("{% assign s = 'aaaaaaaa' %}{% for i in (1..90) %}{% assign s = s | append: s "
                   "%}{% endfor %}{{ s }}",
                   NULL, codes, sizeof codes);
    CHECK_TEXT("a text that doubles", codes, "LimitExceeded");
    free(got);
    got = rendered("{% for i in (1..100000) %}{% capture c %}{{ c }}{{ c }}xxxxxxxx{% endcapture "
                   "%}{% endfor %}",
                   NULL, codes, sizeof codes);
    CHECK_TEXT("a capture that doubles", codes, "LimitExceeded");
    free(got);
    got = rendered("{{ (1..9223372036854775807) | reverse }}", NULL, codes, sizeof codes);
    CHECK_TEXT("a range that fits no memory", codes, "LimitExceeded");
    free(got);
    for (int i = 0; i < 1000; i++)
        at += (size_t)snprintf(deep + at, 200000 - at, "{%% if yes %%}");
    got = rendered(deep, NULL, codes, sizeof codes);
    CHECK("blocks too deep", strstr(codes, "LimitExceeded") != NULL);
    free(got);
    memset(deep, '[', 100000);
    memcpy(deep, "{{ a", 4);
    memcpy(deep + 99990, "}}", 3);
    got = rendered(deep, NULL, codes, sizeof codes);
    CHECK_TEXT("brackets too deep", codes, "SyntaxError");
    free(got);
    for (at = 0; at < 100000; at += 9)
        memcpy(deep + at, "{{ a | b ", 10);
    memcpy(deep + at, "}}", 3);
    for (int i = 0; i < 60; i++)
        memcpy(deep + i * 9, "{{a|b}}  ", 9);
    got = rendered(deep, NULL, codes, sizeof codes);
    CHECK("many errors are not all listed", strstr(codes, "LimitExceeded") != NULL);
    free(got);
    free(deep);
}

static void test_task(void)
{
    json_t *errors = json_array();
    struct buf out;

    buf_init(&out, 1000);
    CHECK("a task's input",
          liquid_render_task("{{ task.input.a }}", 18, "{\"a\":\"<\"}", 9, NULL, &out, errors));
    CHECK_TEXT("is task.input", out.data, "&lt;");
    CHECK("input that is no JSON", !liquid_render_task("x", 1, "{a}", 3, NULL, &out, errors));
    CHECK_TEXT("says so", json_string_value(json_object_get(json_array_get(errors, 0), "Code")),
               "InvalidInput");
    CHECK_TEXT("and renders nothing", out.data, "&lt;");
    json_decref(errors);
    buf_release(&out);
}

int main(void)
{
    variables = json_loads(variables_text, 0, NULL);
    if (!CHECK("the variables", variables != NULL))
        return check_done();
    test_objects();
    test_space();
    test_conditions();
    test_loops();
    test_tags();
    test_escaping();
    test_text_filters();
    test_number_and_list_filters();
    test_crowd();
    test_errors();
    test_limits();
    test_task();
    json_decref(variables);
    return check_done();
}
