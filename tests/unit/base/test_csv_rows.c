/* test_csv_rows.c - CSV read by column names, with line numbers in the errors. */
#include "../check.h"
#include "plumbline/base/buf.h"
#include "plumbline/base/csv_rows.h"

#include <stdlib.h>

static const struct csv_column columns[] = {{.names = {"item", "task"}},
                                            {.names = {"label"}, .may_be_empty = true}};

static bool collect(void *context, const struct csv_field *f, size_t line, struct error *err)
{
    (void)err;
    return buf_printf(context, "%zu:%s=%s;", line, f[0].text, f[1].text);
}

/* Reads `text` in pieces of `step` bytes; what was found, or the error's message. */
static void read_text(const char *text, size_t step, struct buf *out)
{
    struct csv_rows *r = csv_rows_new("f.csv", columns, 2, collect, out);
    struct error err = {0};
    size_t size = strlen(text);
    bool ok = true;

    buf_clear(out);
    for (size_t at = 0; ok && at < size; at += step)
        ok = csv_rows_feed(r, text + at, size - at < step ? size - at : step, &err);
    if (!ok || !csv_rows_finish(r, &err)) {
        buf_clear(out);
        buf_puts(out, err.message);
    }
    buf_add(out, "", 0);
    csv_rows_free(r);
}

int main(void)
{
    static const struct { const char *name, *text, *want; } cases[] = {
        {"plain", "item,label\na,x\nb,y\n", "2:a=x;3:b=y;"},
        {"no newline at the end", "item,label\na,x", "2:a=x;"},
        {"CRLF", "item,label\r\na,x\r\n\r\nb,y\r\n", "2:a=x;4:b=y;"},
        {"columns in any order, others between, any case", "LABEL,z,Task\nx,1,a\n", "2:a=x;"},
        {"byte order mark", "\xef\xbb\xbfitem,label\na,x\n", "2:a=x;"},
        {"byte order mark and quotes", "\xef\xbb\xbf\"item\",label\na,x\n", "2:a=x;"},
        {"quotes", "item,label\n\"a,\"\"b\"\"\",\"x\ny\"\nc,d\n", "2:a,\"b\"=x\ny;4:c=d;"},
        {"empty where it may be", "item,label\na,\n", "2:a=;"},
        {"short and empty", "item,label\n", ""},
        {"tiny", "it", "f.csv, line 1: The header has no column \"item\""},
        {"empty file", "", "f.csv, line 1: The file is empty; it needs a header line"},
        {"empty item", "item,label\na,x\n,x\n", "f.csv, line 3: The item is empty"},
        {"no column", "item,lable\na,x\n", "f.csv, line 1: The header has no column \"label\""},
        {"column twice", "item,task,label\n", "f.csv, line 1: The header names a column twice"},
        {"too few fields", "item,label\na,x\n\nb\n",
         "f.csv, line 4: 1 field where the header has 2"},
        {"too many fields", "item,label\na,x,y\n",
         "f.csv, line 2: 3 fields where the header has 2"},
        {"not UTF-8", "item,label\na,x\nb,\xff\n", "f.csv, line 3: The text is not UTF-8"},
        {"stray quote", "item,label\na,x\nb\"b,y\n",
         "f.csv, line 3: A quotation mark is out of place: a field with quotes, commas or line "
         "breaks goes in quotes, and quotes inside it are doubled"},
        {"quote left open", "item,label\na,\"x\nb,y\n",
         "f.csv, line 2: A quotation mark is out of place: a field with quotes, commas or line "
         "breaks goes in quotes, and quotes inside it are doubled"},
    };
    struct buf out;

    buf_init(&out, 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_text(cases[i].text, 1000, &out);
        CHECK_TEXT(cases[i].name, out.data, cases[i].want);
        read_text(cases[i].text, 1, &out);
        CHECK_TEXT("the same byte by byte", out.data, cases[i].want);
    }
    buf_release(&out);
    return check_done();
}
