/* The readers of the bucket client: AWS's settings files, XML answers, credentials, names, and where a
 * request goes. */
#include "../../../server/blob/s3_internal.h"
#include "../check.h"

#include <stdlib.h>

static struct arena arena;

/* ---- settings ---- */

static struct buf settings;

static void note_setting(void *context, const char *section, const char *name, const char *sub,
                         const char *value)
{
    (void)context;
    if (name)
        buf_printf(&settings, "%s|%s|%s|%s\n", section, name, sub ? sub : "-", value);
}

static const char *read_settings(const char *text, int *line)
{
    buf_clear(&settings);
    if (!s3_ini_read(text, strlen(text), note_setting, NULL, line))
        return "refused";
    return settings.data ? settings.data : "";
}

static void test_ini(void)
{
    char token[3000], text[3100], want[3100];
    int line = 0;

    CHECK_TEXT("sections, settings, comments, blanks",
               read_settings("\xef\xbb\xbf# one\n\n[ a b ]\r\nx=1\r\n y\n; two\nz = 2 3 # four\nw=\n", &line),
               "a b|x|-|1\na b|z|-|2 3\na b|w|-|\n");
    CHECK_TEXT("nested settings belong to the name without a value",
               read_settings("[p]\ns3 =\n  a = 1\n\tb=2\nq = 3\n  c = 4\n", &line),
               "p|s3|-|\np|s3|a|1\np|s3|b|2\np|q|-|3\n");
    CHECK_TEXT("signs that are part of a value", read_settings("[p]\nk = a=b#c;d\n", &line),
               "p|k|-|a=b#c;d\n");
    memset(token, 'x', sizeof token - 1);
    token[sizeof token - 1] = '\0';
    snprintf(text, sizeof text, "[p]\nt = %s", token);
    snprintf(want, sizeof want, "p|t|-|%s\n", token);
    CHECK("a value of three thousand characters", strcmp(read_settings(text, &line), want) == 0);
    CHECK_TEXT("no end of a section", read_settings("[p\n", &line), "refused");
    CHECK_TEXT("a setting before any section", read_settings("\nx = 1\n", &line), "refused");
    CHECK_INT("and its line", line, 2);
    CHECK_TEXT("no name", read_settings("[p]\n= 1\n", &line), "refused");
    CHECK("a NUL", !s3_ini_read("[p]\nx=\0y\n", 9, note_setting, NULL, &line));
}

/* ---- answers ---- */

static struct buf elements;

static bool note_element(void *context, const char *parent, const char *name, const char *text)
{
    (void)context;
    return buf_printf(&elements, "%s>%s=%s;", parent ? parent : "", name, text);
}

static bool read_elements(const char *text)
{
    buf_clear(&elements);
    return s3_xml_read(text, strlen(text), note_element, NULL);
}

static void test_xml(void)
{
    struct s3_fault fault;
    struct buf deep;
    const char *answer = "<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>a &amp; b</Message>"
                         "<Region>eu-x</Region></Error>",
               *other = "<DeleteResult><Error><Code>X</Code></Error></DeleteResult>";

    CHECK("elements with their parents",
          read_elements("<a xmlns='u'><b>1</b><c/><d><![CDATA[<x>]]> &lt;&#65;</d></a>"));
    CHECK_TEXT("in order", elements.data, "a>b=1;a>c=;a>d=<x> <A;>a=;");
    CHECK("a DTD is refused", !read_elements("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"));
    CHECK("an unknown entity is refused", !read_elements("<a>&e;</a>"));
    CHECK("what breaks off is refused", !read_elements("<a><b>1</b>"));
    CHECK("no XML", !read_elements("no"));
    CHECK("nothing", !read_elements(""));
    buf_init(&deep, 1 << 16);
    for (int i = 0; i < 100; i++)
        buf_puts(&deep, "<a>");
    CHECK("too deep", !read_elements(deep.data));
    buf_clear(&deep);
    buf_puts(&deep, "<a>");
    for (int i = 0; i < 20000; i++)
        buf_puts(&deep, "x");
    buf_puts(&deep, "</a>");
    CHECK("a text that is too long", !read_elements(deep.data));
    buf_release(&deep);
    CHECK("an error", s3_xml_fault(answer, strlen(answer), &fault) &&
                          strcmp(fault.code, "SlowDown") == 0 &&
                          strcmp(fault.message, "a & b") == 0 && strcmp(fault.region, "eu-x") == 0);
    CHECK("another document that has errors in it is none", !s3_xml_fault(other, strlen(other), &fault));
}

static bool credentials(const char *text, struct s3_fetched *out)
{
    struct error err = {0};

    return s3_fetched_parse(text, strlen(text), out, &err);
}

static void test_credentials(void)
{
    struct s3_fetched f = {0};

    CHECK("credentials of a service",
          credentials("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Token\":\"T\","
                      "\"Expiration\":\"2023-11-14T22:13:20Z\"}", &f) &&
              strcmp(f.id, "A") == 0 && strcmp(f.secret, "S") == 0 && strcmp(f.token, "T") == 0);
    CHECK_INT("until", f.expires, INT64_C(1700000000000000));
    s3_fetched_release(&f);
    CHECK("without a secret", !credentials("{\"AccessKeyId\":\"A\"}", &f));
    CHECK("with an end that is no time",
          !credentials("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Expiration\":\"x\"}", &f));
    CHECK("no JSON", !credentials("<html>", &f));
}

/* ---- ETags ---- */

static void test_etags(void)
{
    unsigned char md5[MD5_SIZE];

    CHECK("an MD5", s3_etag_md5("\"000102030405060708090a0b0c0d0eff\"", md5) && md5[1] == 1 &&
                        md5[15] == 255);
    CHECK("that of parts is none", !s3_etag_md5("\"000102030405060708090a0b0c0d0e0f-3\"", md5));
    CHECK("nor one without quotes", !s3_etag_md5("000102030405060708090a0b0c0d0e0f", md5));
    CHECK("nor nothing", !s3_etag_md5("", md5));
}

int main(void)
{
    arena_init(&arena);
    buf_init(&settings, 1 << 16);
    buf_init(&elements, 1 << 16);
    s3_xml_start();
    test_ini();
    test_xml();
    test_credentials();
    test_etags();
    buf_release(&settings);
    buf_release(&elements);
    arena_release(&arena);
    return check_done();
}
