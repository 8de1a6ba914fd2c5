/* html.c - HTML from outside as a tree, by libxml2's parser, which forgives as browsers do. Nothing
 * is fetched, depth and size are bounded. */
#include "html.h"

#include "plumbline/base/utf8.h"
#include "plumbline/exchange/template.h"

#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <string.h>

/* Stops before libxml2 itself would, so that it is known why. */
static void start_element(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
    htmlParserCtxt *c = ctx;

    if (c->nodeNr >= TEMPLATE_DEPTH_MAX) {
        *(bool *)c->_private = true;
        xmlStopParser(c);
        return;
    }
    xmlSAX2StartElement(ctx, name, attributes);
}

/* The parser takes a NUL for the end. */
static const char *without_nul(const char *html, size_t size, struct arena *a)
{
    char *copy;

    if (!memchr(html, '\0', size))
        return html;
    copy = arena_alloc(a, size + 1);
    for (size_t i = 0; i < size; i++)
        copy[i] = html[i] ? html[i] : ' ';
    return copy;
}

bool html_check(const char *html, size_t size, struct error *err)
{
    if (size > TEMPLATE_MAX)
        return error_set(err, 422, "template.too_large", "",
                         "The HTML has %zu bytes; at most %d are read.", size, TEMPLATE_MAX);
    if (!utf8_is_valid(html, size))
        return error_set(err, 422, "template.not_utf8", "", "The HTML is not UTF-8 (byte %zu).",
                         utf8_valid_prefix(html, size) + 1);
    return true;
}

bool html_read(const char *html, size_t size, struct arena *a, xmlDoc **out, struct error *err)
{
    const int options = HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                        HTML_PARSE_NOWARNING | HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT;
    bool too_deep = false;
    htmlParserCtxt *c;

    *out = NULL;
    if (!html_check(html, size, err))
        return false;
    if (size == 0)
        return true;
    xmlInitParser();
    if (!(c = htmlNewParserCtxt()))
        return error_internal(err, "There is no memory for the HTML parser.");
    c->_private = &too_deep;
    c->sax->startElement = start_element;
    *out = htmlCtxtReadMemory(c, without_nul(html, size, a), (int)size, NULL, "UTF-8", options);
    htmlFreeParserCtxt(c);
    if (!too_deep)
        return true;
    xmlFreeDoc(*out);
    *out = NULL;
    return error_set(err, 422, "template.too_deep", "",
                     "The HTML has elements more than %d deep inside each other.",
                     TEMPLATE_DEPTH_MAX);
}

bool html_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

bool html_is_one_of(const xmlNode *node, const char *const *names)
{
    for (; *names; names++)
        if (html_is(node, *names))
            return true;
    return false;
}

char *html_attribute(const xmlNode *node, const char *name, struct arena *a)
{
    xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
    char *copy = arena_strdup(a, (const char *)value);

    xmlFree(value);
    return copy;
}

static void without_marks(const char *text, struct buf *out)
{
    const char *mark;

    while ((mark = strstr(text, LIQUID_MARK))) {
        buf_add(out, text, (size_t)(mark - text));
        text = mark + LIQUID_MARK_SIZE;
    }
    buf_puts(out, text);
}

void html_plain(const xmlNode *node, struct buf *out)
{
    for (const xmlNode *n = node->children; n; n = n->next) {
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) && n->content)
            without_marks((const char *)n->content, out);
        else if (html_is(n, "br"))
            buf_add(out, "\n", 1);
        else if (n->type == XML_ELEMENT_NODE && !html_skipped(n))
            html_plain(n, out);
    }
}
