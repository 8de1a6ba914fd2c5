/* test_cidr.c - addresses, blocks, and whom proxies name. */
#include "../check.h"
#include "plumbline/base/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

static struct ip_address ip(const char *text)
{
    struct ip_address a = {{0}};

    if (!ip_read(text, strlen(text), &a))
        printf("# not an address: %s\n", text);
    return a;
}

static const char *text_of(const struct ip_address *a)
{
    static char text[INET6_ADDRSTRLEN];

    return inet_ntop(AF_INET6, a->bytes, text, sizeof text);
}

/* ---- blocks ---- */

static const struct {
    const char *block, *address;
    bool        holds;
} held[] = {
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "11.0.0.0", false},
    {"10.1.2.3/8", "10.9.9.9", true}, /* bits of the host are left out */
    {"192.0.2.128/25", "192.0.2.128", true},
    {"192.0.2.128/25", "192.0.2.127", false},
    {"192.0.2.1/32", "192.0.2.1", true},
    {"192.0.2.1/32", "192.0.2.0", false},
    {"172.16.0.0/12", "172.31.255.255", true},
    {"172.16.0.0/12", "172.32.0.0", false},
    {"0.0.0.0/0", "203.0.113.9", true},
    {"0.0.0.0/0", "2001:db8::1", true},
    {"203.0.113.9/0", "198.51.100.1", true},
    {"::/0", "2001:db8::1", true},
    {"::/0", "203.0.113.9", true},
    {"0.0.0.0/1", "127.255.255.255", true},
    {"0.0.0.0/1", "128.0.0.0", false},
    {"0.0.0.0/1", "::1", false},
    {"2001:db8::/32", "2001:db8:ffff::1", true},
    {"2001:db8::/32", "2001:db9::", false},
    {"2001:db8::1/128", "2001:db8::1", true},
    {"2001:db8::1/128", "2001:db8::2", false},
    {"2001:db8:0:8::/61", "2001:db8:0:f::", true},
    {"2001:db8:0:8::/61", "2001:db8:0:10::", false},
    {"2001:DB8::7/64", "2001:db8::9", true},
    {"10.0.0.0/8", "::ffff:10.1.2.3", true}, /* an IPv4 client of a socket for both kinds */
    {"10.0.0.0/8", "::ffff:11.1.2.3", false},
    {"::ffff:10.0.0.0/104", "10.1.2.3", true},
    {"::ffff:10.0.0.0/104", "11.1.2.3", false},
    {"::ffff:0:0/96", "203.0.113.9", true},
    {"::ffff:0:0/96", "2001:db8::1", false},
    {"::/8", "203.0.113.9", false},
    {"::/8", "::1", true},
    {"10.0.0.0/8", "::10.1.2.3", false}, /* IPv4-compatible is not IPv4-mapped */
    {"127.0.0.0/8", "127.0.0.2", true},
    {"127.0.0.1/32", "127.0.0.2", false},
};

static void test_holds(void)
{
    for (size_t i = 0; i < COUNT(held); i++) {
        struct ip_address a = ip(held[i].address);
        char name[160];
        struct cidr c;

        snprintf(name, sizeof name, "%s %s %s", held[i].block,
                 held[i].holds ? "holds" : "does not hold", held[i].address);
        CHECK(name, cidr_read(held[i].block, &c) && cidr_holds(&c, &a) == held[i].holds);
    }
}

static void test_no_blocks(void)
{
    static const char *const bad[] = {
        "", "/", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
        "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/ 8", "10.0.0.0/8x", "10.0.0.0/0x8", "10.0.0/8",
        "10.0.0.0.0/8", "10.0.0.256/8", "010.0.0.0/8", "2001:db8::/129", "2001:db8:::/32", ":/0",
        "2001:db8::g/32", "fe80::1%eth0/64", "[::1]/128", "10.0.0.0/8/8", "localhost/8",
        "10.0.0.0/99999999999999999999", "::/0/",
        "0000000000000000000000000000000000000000000000000000000000000000000000000000/1"};
    struct cidr before = {.bits = 77}, c = before;

    for (size_t i = 0; i < COUNT(bad); i++)
        if (!CHECK(bad[i], !cidr_read(bad[i], &c)))
            printf("# read as %s/%u\n", text_of(&c.first), c.bits);
    CHECK("what is no block changes nothing", memcmp(&c, &before, sizeof c) == 0);
}

static void random_address(struct ip_address *a, bool four)
{
    for (size_t i = 0; i < sizeof a->bytes; i++)
        a->bytes[i] = (uint8_t)rand();
    if (four)
        memcpy(a->bytes, (const uint8_t[12]){[10] = 0xff, [11] = 0xff}, 12);
}

/* A block holds exactly the addresses whose first `bits` bits are its own: with one bit turned, an
 * address is in it when that bit is beyond the prefix. */
static bool bits_decide(const char *address, bool four, unsigned bits)
{
    unsigned from = four ? 96 : 0;
    char text[80];
    struct ip_address a = ip(address);
    struct cidr c;

    snprintf(text, sizeof text, "%s/%u", address, bits);
    if (!cidr_read(text, &c) || !cidr_holds(&c, &a) || !cidr_holds(&c, &c.first))
        return false;
    for (unsigned bit = from; bit < 128; bit++) {
        struct ip_address b = a;

        b.bytes[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
        if (cidr_holds(&c, &b) != (bit - from >= bits))
            return false;
    }
    return true;
}

static void test_every_prefix(void)
{
    char text[INET6_ADDRSTRLEN];
    bool four = true, six = true;
    struct ip_address a;

    srand(1);
    for (int n = 0; n < 20; n++) {
        random_address(&a, true);
        inet_ntop(AF_INET, a.bytes + 12, text, sizeof text);
        for (unsigned bits = 0; bits <= 32; bits++)
            four = bits_decide(text, true, bits) && four;
        random_address(&a, false);
        inet_ntop(AF_INET6, a.bytes, text, sizeof text);
        for (unsigned bits = 0; bits <= 128; bits++)
            six = bits_decide(text, false, bits) && six;
    }
    CHECK("IPv4: the bits of the prefix decide, /0 to /32", four);
    CHECK("IPv6: the bits of the prefix decide, /0 to /128", six);
}

/* ---- addresses ---- */

static void test_addresses(void)
{
    static const char *const bad[] = {"", "1", "1.2.3", "1.2.3.4.", "1.2.3.4 ", "::1%lo", "[::1]",
                                      "1.2.3.4:80", ":", "12345::", "localhost", "0x7f.1"};
    struct ip_address a = ip("192.0.2.1"), b = ip("::ffff:192.0.2.1");
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr local = {.sa_family = AF_UNIX};

    for (size_t i = 0; i < COUNT(bad); i++)
        CHECK(bad[i], !ip_read(bad[i], strlen(bad[i]), &a));
    CHECK("a NUL within", !ip_read("1.2.3.4\0", 8, &a));
    CHECK("only so many bytes", ip_read("1.2.3.45", 7, &b) && strstr(text_of(&b), "1.2.3.4"));
    CHECK_TEXT("IPv4 is kept as mapped", text_of(&a), "::ffff:192.0.2.1");
    inet_pton(AF_INET, "198.51.100.7", &v4.sin_addr);
    inet_pton(AF_INET6, "2001:db8::7", &v6.sin6_addr);
    CHECK("of a socket", ip_of_socket((struct sockaddr *)&v4, &a));
    CHECK_TEXT("IPv4", text_of(&a), "::ffff:198.51.100.7");
    CHECK("of the other kind", ip_of_socket((struct sockaddr *)&v6, &a));
    CHECK_TEXT("IPv6", text_of(&a), "2001:db8::7");
    CHECK("a Unix socket has none", !ip_of_socket(&local, &a));
}

static void test_loopback(void)
{
    static const char *const near[] = {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"};
    static const char *const far[] = {"128.0.0.1", "126.255.255.255", "::2", "::", "::127.0.0.1",
                                      "0.0.0.0", "fe80::1", "10.0.0.1"};

    for (size_t i = 0; i < COUNT(near); i++) {
        struct ip_address a = ip(near[i]);

        CHECK(near[i], ip_is_loopback(&a));
    }
    for (size_t i = 0; i < COUNT(far); i++) {
        struct ip_address a = ip(far[i]);

        CHECK(far[i], !ip_is_loopback(&a));
    }
}

/* ---- proxies ---- */

static const struct {
    const char *name, *peer, *forwarded, *want; /* want NULL: nobody knows */
} hops[] = {
    {"no proxy", "203.0.113.9", NULL, "::ffff:203.0.113.9"},
    {"this computer, no proxy", "127.0.0.2", NULL, "::ffff:127.0.0.2"},
    {"a proxy here", "127.0.0.1", "203.0.113.9", "::ffff:203.0.113.9"},
    {"a proxy here, by IPv6", "::1", "2001:db8::5", "2001:db8::5"},
    {"a proxy here, mapped", "::ffff:127.0.0.1", "203.0.113.9", "::ffff:203.0.113.9"},
    {"a stranger's word", "203.0.113.9", "10.0.0.1", "::ffff:203.0.113.9"},
    {"a stranger's nonsense", "203.0.113.9", "nonsense", "::ffff:203.0.113.9"},
    {"what the client wrote is on the left", "127.0.0.1", "10.0.0.1, 203.0.113.9",
     "::ffff:203.0.113.9"},
    {"also nonsense", "127.0.0.1", "',<>, 203.0.113.9", "::ffff:203.0.113.9"},
    {"two proxies here", "127.0.0.1", "10.0.0.1, 203.0.113.9, 127.0.0.1", "::ffff:203.0.113.9"},
    {"a proxy elsewhere is not believed", "127.0.0.1", "10.0.0.1,203.0.113.9,198.51.100.1",
     "::ffff:198.51.100.1"},
    {"asked from this computer", "127.0.0.1", "127.0.0.7, 127.0.0.1", "::ffff:127.0.0.7"},
    {"spaces and tabs", "127.0.0.1", " \t203.0.113.9\t ", "::ffff:203.0.113.9"},
    {"with a port", "127.0.0.1", "203.0.113.9:4711", "::ffff:203.0.113.9"},
    {"IPv6 in brackets", "127.0.0.1", "[2001:db8::5]", "2001:db8::5"},
    {"with a port", "127.0.0.1", "10.0.0.1, [2001:db8::5]:443", "2001:db8::5"},
    {"empty", "127.0.0.1", "", NULL},
    {"ends with a comma", "127.0.0.1", "203.0.113.9,", NULL},
    {"unknown", "127.0.0.1", "203.0.113.9, unknown", NULL},
    {"begins with nothing", "127.0.0.1", ",127.0.0.1", NULL},
    {"no port behind the colon", "127.0.0.1", "203.0.113.9:", NULL},
    {"no number", "127.0.0.1", "203.0.113.9:x", NULL},
    {"a port that goes on", "127.0.0.1", "203.0.113.9:80x", NULL},
    {"no end of the bracket", "127.0.0.1", "[2001:db8::5", NULL},
    {"something behind the bracket", "127.0.0.1", "[2001:db8::5]x", NULL},
    {"a colon behind it", "127.0.0.1", "[2001:db8::5]:", NULL},
    {"nothing in it", "127.0.0.1", "[]", NULL},
};

static void test_hops(void)
{
    for (size_t i = 0; i < COUNT(hops); i++) {
        struct ip_address peer = ip(hops[i].peer), a = ip("2001:db8::bad");
        bool known = ip_behind_proxy(&peer, hops[i].forwarded, &a);

        CHECK(hops[i].name, known == (hops[i].want != NULL));
        CHECK_TEXT(hops[i].name, text_of(&a), known ? hops[i].want : "2001:db8::bad");
    }
}

int main(void)
{
    test_holds();
    test_no_blocks();
    test_every_prefix();
    test_addresses();
    test_loopback();
    test_hops();
    return check_done();
}
