/* cidr.c - addresses as 16 bytes, blocks as their first bits, and the walk back over proxies. */
#include "plumbline/base/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { V4_BITS = 32, V6_BITS = 128, MAPPED_BITS = V6_BITS - V4_BITS, ADDRESS_MAX = 64 };

static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xff, [11] = 0xff};
static const char digits[] = "0123456789";

static void set_v4(struct ip_address *a, const void *bytes)
{
    memcpy(a->bytes, mapped, sizeof mapped);
    memcpy(a->bytes + sizeof mapped, bytes, V4_BITS / 8);
}

static bool is_v4(const struct ip_address *a)
{
    return memcmp(a->bytes, mapped, sizeof mapped) == 0;
}

/* *four: written as IPv4. */
static bool read_either(const char *text, size_t size, struct ip_address *out, bool *four)
{
    char copy[ADDRESS_MAX];
    struct in6_addr six;
    struct in_addr v4;

    if (size >= sizeof copy || memchr(text, '\0', size))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    *four = inet_pton(AF_INET, copy, &v4) == 1;
    if (*four)
        set_v4(out, &v4);
    else if (inet_pton(AF_INET6, copy, &six) == 1)
        memcpy(out->bytes, &six, sizeof out->bytes);
    else
        return false;
    return true;
}

bool ip_read(const char *text, size_t size, struct ip_address *out)
{
    bool four;

    return read_either(text, size, out, &four);
}

bool ip_of_socket(const struct sockaddr *socket, struct ip_address *out)
{
    if (socket->sa_family == AF_INET)
        set_v4(out, &((const struct sockaddr_in *)(const void *)socket)->sin_addr);
    else if (socket->sa_family == AF_INET6)
        memcpy(out->bytes, &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr,
               sizeof out->bytes);
    else
        return false;
    return true;
}

bool ip_is_loopback(const struct ip_address *a)
{
    static const struct ip_address one = {{[15] = 1}};

    return is_v4(a) ? a->bytes[12] == IN_LOOPBACKNET : memcmp(a, &one, sizeof one) == 0;
}

/* ---- proxies ---- */

static bool is_port(const char *text, const char *end)
{
    return *text == ':' && text + 1 < end && text + 1 + strspn(text + 1, digits) >= end;
}

/* A hop: an address, where some proxies put a port behind it: "192.0.2.1:4711", "[2001:db8::1]:80". */
static bool read_hop(const char *text, size_t size, struct ip_address *out)
{
    const char *end = text + size, *close = memchr(text, ']', size);
    const char *colon = memchr(text, ':', size);

    if (size > 0 && *text == '[')
        return close && (close + 1 == end || is_port(close + 1, end)) &&
               ip_read(text + 1, (size_t)(close - text - 1), out);
    if (colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1))) /* one: not IPv6 */
        return is_port(colon, end) && ip_read(text, (size_t)(colon - text), out);
    return ip_read(text, size, out);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

bool ip_behind_proxy(const struct ip_address *peer, const char *forwarded, struct ip_address *out)
{
    struct ip_address hop = *peer;
    const char *end = forwarded ? forwarded + strlen(forwarded) : NULL;

    while (end && ip_is_loopback(&hop)) {
        const char *from = end, *first, *last = end;

        while (from > forwarded && from[-1] != ',')
            from--;
        for (first = from; first < last && is_space(*first); first++)
            ;
        while (last > first && is_space(last[-1]))
            last--;
        if (!read_hop(first, (size_t)(last - first), &hop))
            return false;
        end = from > forwarded ? from - 1 : NULL;
    }
    *out = hop;
    return true;
}

/* ---- blocks ---- */

static void mask(struct ip_address *a, unsigned bits)
{
    for (unsigned i = 0; i < sizeof a->bytes; i++) {
        unsigned left = bits > i * 8 ? bits - i * 8 : 0;

        if (left < 8)
            a->bytes[i] &= (uint8_t)(0xff00u >> left);
    }
}

bool cidr_read(const char *text, struct cidr *out)
{
    const char *slash = strrchr(text, '/');
    struct cidr c;
    bool four;
    long bits;

    if (!slash || !slash[1] || strspn(slash + 1, digits) != strlen(slash + 1) ||
        !read_either(text, (size_t)(slash - text), &c.first, &four))
        return false;
    bits = strtol(slash + 1, NULL, 10); /* too many digits: LONG_MAX */
    if (bits > (four ? V4_BITS : V6_BITS))
        return false;
    c.bits = (unsigned)bits + (four && bits > 0 ? MAPPED_BITS : 0);
    mask(&c.first, c.bits);
    *out = c;
    return true;
}

bool cidr_holds(const struct cidr *c, const struct ip_address *a)
{
    struct ip_address first = *a;

    if (c->bits > 0 && c->bits < MAPPED_BITS && is_v4(a))
        return false;
    mask(&first, c->bits);
    return memcmp(&first, &c->first, sizeof first) == 0;
}
