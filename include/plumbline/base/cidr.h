/* cidr.h - addresses of the internet, blocks of them, and which address somebody comes from.
 *
 * An IPv4 address is kept as the IPv6 address it is mapped to (::ffff:a.b.c.d, RFC 4291 2.5.5.2),
 * so that both spellings of it are the same. Blocks are written ADDRESS/BITS (RFC 4632); bits of the
 * address beyond the prefix are left out of account. Pure: no allocation, no look at the network.
 */
#ifndef PLUMBLINE_BASE_CIDR_H
#define PLUMBLINE_BASE_CIDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

struct ip_address {
    uint8_t bytes[16]; /* in the order of the network */
};

struct cidr {
    struct ip_address first;
    unsigned          bits; /* of 128: 10.0.0.0/8 has 104; 0: everybody */
};

/* text[0..size): "192.0.2.1", "2001:db8::1". False when it is neither; *out then stays as it is. */
bool ip_read(const char *text, size_t size, struct ip_address *out);
/* Of a socket's other end; false when that has no such address. */
bool ip_of_socket(const struct sockaddr *socket, struct ip_address *out);
/* 127.0.0.0/8 or ::1, this computer. */
bool ip_is_loopback(const struct ip_address *a);

/* Who asks, when `peer` is at the other end of the connection and its request carries the lines
 * X-Forwarded-For `forwarded`, joined by commas (NULL: none). Each proxy adds to the right whom it
 * was asked by; only proxies on this computer are believed. So it is the first address from the
 * right that is not this computer, the leftmost one when all are, and the peer itself when it is
 * elsewhere or says nothing. False when the hop in question is no address: nobody knows. */
bool ip_behind_proxy(const struct ip_address *peer, const char *forwarded, struct ip_address *out);

/* "10.0.0.0/8", "2001:db8::/32". False when it is no block; *out then stays as it is. */
bool cidr_read(const char *text, struct cidr *out);
/* 0.0.0.0/0 and ::/0 each hold every address of both kinds; a wider IPv6 block than ::ffff:0:0/96
 * holds no IPv4 address. */
bool cidr_holds(const struct cidr *c, const struct ip_address *a);

#endif
