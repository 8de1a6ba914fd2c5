/* What servers of buckets and of credentials answer, and the files of AWS's tools: the first byte picks
 * the reader. */
#include "../../server/blob/s3_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t seen;

static bool take_element(void *context, const char *parent, const char *name, const char *text)
{
    (void)context;
    seen += (parent ? strlen(parent) : 0) + strlen(name) + strlen(text);
    return true;
}

static void take_setting(void *context, const char *section, const char *name, const char *sub,
                         const char *value)
{
    (void)context;
    seen += strlen(section) + (name ? strlen(name) : 0) + (sub ? strlen(sub) : 0) + strlen(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    struct s3_fetched keys = {0};
    struct s3_fault fault;
    struct error err = {0};
    int line;

    if (size < 1)
        return 0;
    size--;
    switch (data[0] % 4) {
    case 0:
        s3_xml_read(text, size, take_element, NULL);
        break;
    case 1:
        s3_xml_fault(text, size, &fault);
        break;
    case 2:
        if (!s3_ini_read(text, size, take_setting, NULL, &line) && line < 1)
            abort();
        break;
    default:
        if (s3_fetched_parse(text, size, &keys, &err) && (!*keys.id || !*keys.secret))
            abort();
        s3_fetched_release(&keys);
    }
    return 0;
}
