/* fuzz_cidr.c - any text as an address, a block, and what proxies say of an address: nothing outside
 * of it is read; a block holds its first address, and every address or none when it says so. */
#include "plumbline/base/cidr.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ip_address near = {{[15] = 1}};
    static const struct ip_address far = {{0x20, 1, 0xd, 0xb8, [15] = 9}};
    char *text = malloc(size + 1), *exact = malloc(size ? size : 1);
    struct ip_address a = far, b = far;
    struct cidr c;

    memcpy(text, data, size);
    memcpy(exact, data, size); /* without a NUL behind it */
    text[size] = '\0';
    if (ip_read(exact, size, &a)) {
        assert(ip_behind_proxy(&near, text, &b) && memcmp(&a, &b, sizeof a) == 0);
        assert(!cidr_read(text, &c));
    }
    b = far;
    if (!ip_behind_proxy(&near, text, &b))
        assert(memcmp(&b, &far, sizeof b) == 0);
    assert(ip_behind_proxy(&far, text, &b) && memcmp(&b, &far, sizeof b) == 0);
    if (cidr_read(text, &c)) {
        assert(c.bits <= 128);
        assert(cidr_holds(&c, &c.first));
        assert(c.bits > 0 || (cidr_holds(&c, &near) && cidr_holds(&c, &far)));
        assert(c.bits < 128 || !cidr_holds(&c, &near) || !cidr_holds(&c, &far));
    }
    free(exact);
    free(text);
    return 0;
}
