/* Worker templates: what people read is taken out of them; HTML becomes Markdown that the product's
 * reader shows as the same words. */
#include "../check.h"

#include "plumbline/base/utf8.h"
#include "plumbline/exchange/template.h"

#include <stdlib.h>

static struct arena arena;

static void check_markdown(const char *html, const char *want)
{
    struct error err = {0};
    char name[300];
    char *got = html_to_markdown(html, strlen(html), &arena, &err);

    snprintf(name, sizeof name, "%.250s", html);
    for (char *p = name; *p; p++)
        if (*p == '\n' || *p == '#')
            *p = *p == '#' ? '=' : ' ';
    CHECK_TEXT(name, got, want);
}

static void test_words(void)
{
    check_markdown("", "");
    check_markdown("plain words", "plain words");
    check_markdown("<p>One\n  two</p><p>three</p>", "One two\n\nthree");
    check_markdown("a &lt; b &amp;&nbsp;c &eacute; &#x41; &nope;", "a < b & c \303\251 A &nope;");
    check_markdown("*a* _b_ `c` [d](e) #f \\g", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\#f \\\\g");
    check_markdown(
        "<p>- no list</p><p>12. no list</p><p>1) no</p><p>&gt; no</p><p>+1</p><p>~~~</p><p>a - b "
        "1.5</p>",
        "\\- no list\n\n12\\. no list\n\n1\\) no\n\n\\> no\n\n\\+1\n\n\\~~~\n\na - b 1.5");
    check_markdown("<b>1</b>. x", "**1**. x");
    check_markdown("<span>1</span>. x", "1\\. x");
    check_markdown("<b>bold </b>and<i> it</i>.", "**bold** and *it*.");
    check_markdown("<b>a <i>b</i> c</b> <i>d <b>e</b></i>", "**a _b_ c** d **e**");
    check_markdown("<b>2*3</b> <em>a_b</em> <b></b><b> </b>x", "2\\*3 *a\\_b* x");
    check_markdown("<b>x<i>y</i></b>", "**xy**");
    check_markdown("<code>a  `b` *c*</code> <code> </code><kbd>`</kbd>", "``a `b` *c*`` `` ` ``");
    check_markdown("<code>a</code><code>b</code><b><code>c</code></b><code>d</code>",
                   "`a` `b` **`c`**`d`");
    check_markdown("<code>```</code> x <code>```</code>", "\\`\\`\\` x ```` ``` ````");
    check_markdown("a<br>- b<br/><br>c", "a\\\n\\- b\n\nc");
    check_markdown("<script>x</script><style>y</style>z<!-- no -->", "z");
}

static void test_links(void)
{
    check_markdown("<a href='https://a.b/c?d=1&amp;e=(2)'>see [1]</a>",
                   "see \\[1\\] <https://a.b/c?d=1&e=%282%29>");
    check_markdown("<a href=' HTTP://a.b/x_y*z '>see <b>it</b></a>",
                   "[see **it**](HTTP://a.b/x%5Fy%2Az)");
    check_markdown("<a href='mailto:a@b.c'>mail</a>", "[mail](mailto:a@b.c)");
    check_markdown("<a href='javascript:alert(1)'>x</a> <a href='/y'>y</a> <a "
                   "href='java\tscript:z'>z</a> <a>w</a>",
                   "x y z w");
    check_markdown("<a href='https://a/ b'>x</a><a href='https://a/&#10;b'>y</a>",
                   "[x](https://a/%20b)y");
    check_markdown(
        "<img src='https://a/b.png' alt='A pear'> <img src='https://a/b.png'> <img alt='only'> "
        "<img src='data:image/png;base64,xxxx'>",
        "[A pear](https://a/b.png) [picture](https://a/b.png) only");
    check_markdown("<a href='https://a'><img src='https://b' alt='c'></a>", "[c](https://a)");
}

static void test_blocks(void)
{
    check_markdown("<h1>A <b>b</b></h1><h3>c<br>d</h3>e<h4> </h4>", "# A b\n\n### c d\n\ne");
    check_markdown(
        "<ul><li>a<li>b<ul><li>c</li><li>d</li></ul></li><li></li><li><p>e</p><p>f</p></li></ul>g",
        "- a\n- b\n  - c\n  - d\n- e\n\n  f\n\ng");
    check_markdown("<ol start=9><li>a<li>b<ul><li>c</ul></ol>", "9. a\n10. b\n    - c");
    check_markdown("<ul>stray<li>a</ul>", "- stray\n- a");
    check_markdown("<blockquote>a<p>b</p></blockquote><hr>c", "> a\n>\n> b\n\n---\n\nc");
    check_markdown("<pre>\n a *b*\n\n\n c&lt;\n</pre>", "```\n a *b*\n\n c<\n```");
    check_markdown("<pre>```\nx</pre>", "~~~\n```\nx\n~~~");
    check_markdown("<ul><li><pre>a\n  b</pre></ul>", "- ```\n  a\n    b\n  ```");
    check_markdown("<table><caption>Sizes</caption><tr><th>a</th><th>b</th></tr><tr><td>- "
                   "1</td><td><p>2</p>3</td></tr></table>x",
                   "Sizes\\\na | b\\\n\\- 1 | 2 3\n\nx");
    check_markdown("<table><tr><td><ul><li>a</ul><td>b</table>", "- a\n\nb");
    check_markdown("<div><b><p>a</p></b></div><dl><dt>t<dd>d</dl>", "a\n\nt\n\nd");
    check_markdown("<p>a<ul><li>b</li></ul></p>", "a\n\n- b");
}

static void test_bounds(void)
{
    struct error err = {0};
    size_t size = TEMPLATE_MAX + 1;
    char *big = malloc(size);

    memset(big, 'a', size);
    CHECK("too large", !html_to_markdown(big, size, &arena, &err));
    CHECK_TEXT("says so", err.code, "template.too_large");
    CHECK("too long", !html_to_markdown(big, TEMPLATE_MARKDOWN_MAX + 1, &arena, &err));
    CHECK_TEXT("says so", err.code, "template.too_long");
    CHECK("just short enough", html_to_markdown(big, TEMPLATE_MARKDOWN_MAX, &arena, &err) != NULL);
    for (size_t i = 0; i + 3 <= size; i += 3)
        memcpy(big + i, "<b>", 3);
    CHECK("too deep", !html_to_markdown(big, size - 1, &arena, &err));
    CHECK_TEXT("says so", err.code, "template.too_deep");
    CHECK("200 deep", html_to_markdown(big, 600, &arena, &err) != NULL);
    for (size_t i = 0; i + 8 <= 1600; i += 8)
        memcpy(big + i, "<ul><li>", 8);
    memcpy(big + 800, "deep", 4);
    CHECK_TEXT("lists deeper than the reader goes", html_to_markdown(big, 804, &arena, &err),
               "- - - - - - deep");
    CHECK("not UTF-8", !html_to_markdown("a\xff", 2, &arena, &err));
    CHECK_TEXT("says so", err.code, "template.not_utf8");
    CHECK_TEXT("a NUL is a space", html_to_markdown("a\0b", 3, &arena, &err), "a b");
    free(big);
}

static bool read_template(const char *html, struct worker_template *t, struct error *err)
{
    return worker_template_read(html, strlen(html), &arena, t, err);
}

static void test_templates(void)
{
    struct worker_template t;
    struct error err = {0};

    CHECK(
        "a box template",
        read_template("<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>\n"
                      "<crowd-form>\n <crowd-bounding-box name=\"boundingBox\"\n"
                      "  src=\"{{ task.input.taskObject | grant_read_access }}\"\n"
                      "  header=\"Draw a box around\n   each fruit &amp; leaf\"\n"
                      "  labels=\"{{ task.input.labels | to_json | escape }}\">\n"
                      "  <full-instructions header=\"How to draw\"><ol><li>Tight.</li><li>All of "
                      "it.</li></ol>"
                      "</full-instructions>\n"
                      "  <short-instructions><p>Hello {{ task.input.name }}, {% if x %}use "
                      "<b>tight</b> boxes."
                      "{% endif %}{% comment %} <p>not this</p> {% endcomment %}</p>"
                      "<p>{% raw %}{{ literal }}{% endraw %}</p></short-instructions>\n"
                      " </crowd-bounding-box>\n</crowd-form>\n",
                      &t, &err));
    CHECK_TEXT("its element", t.element, "crowd-bounding-box");
    CHECK_INT("is the only one", t.elements, 1);
    CHECK_TEXT("its name", t.name, "boundingBox");
    CHECK_TEXT("its header", t.header, "Draw a box around each fruit & leaf");
    CHECK_TEXT("short instructions without Liquid", t.short_instructions,
               "Hello , use **tight** boxes.\n\n{{ literal }}");
    CHECK_TEXT("full instructions", t.full_instructions, "1. Tight.\n2. All of it.");
    CHECK("labels come from the job", !t.literal_labels && t.label_count == 0 && !t.overlay);
    CHECK_TEXT("all of it", worker_template_instructions(&t, &arena),
               "## Draw a box around each fruit & leaf\n\nHello , use **tight** boxes.\n\n{{ "
               "literal }}\n\n"
               "## How to draw\n\n1. Tight.\n2. All of it.");

    CHECK("a name by Liquid", read_template("<crowd-classifier name=\"{{ task.input.n }}\">"
                                            "</crowd-classifier>", &t, &err) && !*t.name);
    CHECK("a classifier with its own labels",
          read_template(
              "<crowd-form><crowd-classifier-multi-select name=\"c\" header=\"{{ task.input.h }}\" "
              "categories=\"['complaint', \n \"urgent\", 'it\\'s &lt;3', ' \\u00e9 ',]\" "
              "exclusion-category=\"{ text: 'none of these' }\">"
              "<classification-target style=\"white-space: pre-wrap\">{{ task.input.taskObject }}"
              "</classification-target></crowd-classifier-multi-select></crowd-form>",
              &t, &err) == false);
    CHECK("a quote ends the attribute, as in a browser", strcmp(err.code, "template.labels") == 0);
    CHECK("a classifier with its own labels",
          read_template(
              "<crowd-form><crowd-classifier-multi-select name=\"c\" header=\"{{ task.input.h }}\" "
              "categories=\"['complaint', \n &quot;urgent&quot;, 'it\\'s &lt;3', ' \\u00e9 ',]\" "
              "exclusion-category=\"{ text: 'none of these' }\">"
              "</crowd-classifier-multi-select></crowd-form>",
              &t, &err));
    CHECK("its labels",
          t.literal_labels && t.label_count == 4 && strcmp(t.labels[0], "complaint") == 0 &&
              strcmp(t.labels[1], "urgent") == 0 && strcmp(t.labels[2], "it's <3") == 0 &&
              strcmp(t.labels[3], "\303\251") == 0);
    CHECK_TEXT("its way out", t.none_label, "none of these");
    CHECK_TEXT("a header by Liquid", t.header, "");
    CHECK_TEXT("no instructions", worker_template_instructions(&t, &arena), "");

    CHECK("entities with display names",
          read_template(
              "<crowd-entity-annotation labels='[{label: \"variety\", shortDisplayName: \"var\"}, "
              "{\"label\": \"place\"}]' text=\"{{ task.input.text }}\"></crowd-entity-annotation>",
              &t, &err));
    CHECK("their labels", t.label_count == 2 && strcmp(t.labels[1], "place") == 0);

    CHECK("crowd-instructions",
          read_template("<crowd-instructions link-text=\"View\" "
                        "link-type=\"button\"><short-summary>Short</short-summary>"
                        "<detailed-instructions><h3>Inspect</h3></detailed-instructions>"
                        "<positive-example>good</positive-example><negative-example><img "
                        "alt='bad'></negative-example>"
                        "</crowd-instructions><crowd-image-classifier overlay='{}' "
                        "categories='[\"good\",\"bad\"]'>"
                        "</crowd-image-classifier><crowd-polygon></crowd-polygon>",
                        &t, &err));
    CHECK_TEXT("full ones with examples", t.full_instructions,
               "### Inspect\n\n### Good example\n\ngood\n\n### Bad example\n\nbad");
    CHECK_TEXT("their header", t.full_header, "View");
    CHECK("the first element, earlier labels, and that there are two",
          strcmp(t.element, "crowd-image-classifier") == 0 && t.overlay && t.elements == 2);

    CHECK("nothing",
          read_template("", &t, &err) && !*t.element && !*t.name && !*t.header &&
              t.label_count == 0);
    CHECK("the same twice is said once",
          read_template(
              "<short-instructions>a</short-instructions><full-instructions>a</full-instructions>",
              &t, &err));
    CHECK_TEXT("once", worker_template_instructions(&t, &arena), "a");
}

static void check_labels_refused(const char *list, const char *message)
{
    struct worker_template t;
    struct error err = {0};
    char html[400];

    snprintf(html, sizeof html, "<crowd-polygon labels='%s'></crowd-polygon>", list);
    CHECK(list, !read_template(html, &t, &err));
    CHECK_TEXT("the reason", err.message, message);
}

static void test_label_errors(void)
{
#define OF "The labels of crowd-polygon cannot be read: "
    check_labels_refused("[\"a\" \"b\"]", OF "',' or ']' is expected at character 6, not '\"'.");
    check_labels_refused("[\"a\", 3]", OF "Number 2 is no text.");
    check_labels_refused("[\" \"]", OF "Number 1 is empty.");
    check_labels_refused("\"a\"", OF "They are no list.");
    check_labels_refused("[\"a\"", OF "',' or ']' is missing at the end.");
    check_labels_refused("[\"a", OF "The closing quote is missing at the end.");
    check_labels_refused("[a]", OF "A value is expected at character 2, not 'a'.");
    check_labels_refused("[] x", OF "The end is expected at character 4, not 'x'.");
    check_labels_refused("[{label \"a\"}]", OF "':' is expected at character 9, not '\"'.");
    check_labels_refused("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]",
                         OF "Less depth is expected at character 17, not '['.");
}

int main(void)
{
    arena_init(&arena);
    test_words();
    test_links();
    test_blocks();
    test_bounds();
    test_templates();
    test_label_errors();
    arena_release(&arena);
    return check_done();
}
