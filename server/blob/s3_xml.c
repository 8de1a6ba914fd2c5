/* s3_xml.c - XML answers by libxml2's reader: no network, no entities of their own, bounded in size,
 * depth and length of a text. */
#include "s3_internal.h"

#include <libxml/xmlreader.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 16, TEXT_MAX = 16 << 10, NAME_SIZE = 64 };

struct state {
    char            names[DEPTH_MAX][NAME_SIZE];
    int             depth;
    struct buf      text;
    s3_xml_element *each;
    void           *context;
};

static bool close_element(struct state *st)
{
    const char *parent = st->depth > 1 ? st->names[st->depth - 2] : NULL;
    bool ok = st->each(st->context, parent, st->names[st->depth - 1],
                       st->text.data ? st->text.data : "");

    buf_clear(&st->text);
    st->depth--;
    return ok;
}

/* 1: go on, 0: enough, -1: refused. */
static int step(struct state *st, xmlTextReaderPtr reader)
{
    const xmlChar *text;

    switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_ELEMENT:
        if (st->depth == DEPTH_MAX)
            return -1;
        snprintf(st->names[st->depth++], NAME_SIZE, "%s",
                 (const char *)xmlTextReaderConstLocalName(reader));
        buf_clear(&st->text);
        return !xmlTextReaderIsEmptyElement(reader) || close_element(st);
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
    case XML_READER_TYPE_WHITESPACE:
        text = xmlTextReaderConstValue(reader);
        return !text || buf_puts(&st->text, (const char *)text) ? 1 : -1;
    case XML_READER_TYPE_END_ELEMENT:
        return close_element(st);
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return -1;
    default:
        return 1;
    }
}

void s3_xml_start(void)
{
    xmlInitParser();
}

bool s3_xml_read(const char *text, size_t size, s3_xml_element *each, void *context)
{
    struct state st = {.each = each, .context = context};
    xmlTextReaderPtr reader;
    int more = 1, rc = 0;

    if (size == 0 || size > S3_ANSWER_MAX)
        return false;
    reader = xmlReaderForMemory(text, (int)size, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!reader)
        return false;
    buf_init(&st.text, TEXT_MAX);
    while (more > 0 && (rc = xmlTextReaderRead(reader)) == 1)
        more = step(&st, reader);
    xmlFreeTextReader(reader);
    buf_release(&st.text);
    return more == 0 || (more > 0 && rc == 0);
}

static bool take_fault(void *context, const char *parent, const char *name, const char *text)
{
    struct s3_fault *f = context;

    if (!parent)
        return strcmp(name, "Error") == 0 || (f->code[0] = '\0'); /* another document's */
    if (strcmp(parent, "Error") != 0)
        return true;
    if (strcmp(name, "Code") == 0)
        snprintf(f->code, sizeof f->code, "%s", text);
    else if (strcmp(name, "Message") == 0)
        snprintf(f->message, sizeof f->message, "%s", text);
    else if (strcmp(name, "Region") == 0)
        snprintf(f->region, sizeof f->region, "%s", text);
    else if (strcmp(name, "Endpoint") == 0)
        snprintf(f->host, sizeof f->host, "%s", text);
    return true;
}

bool s3_xml_fault(const char *text, size_t size, struct s3_fault *out)
{
    memset(out, 0, sizeof *out);
    return s3_xml_read(text, size, take_fault, out) && *out->code;
}
