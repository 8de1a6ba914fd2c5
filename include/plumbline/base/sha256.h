/* sha256.h - SHA-256 (FIPS 180-4) of much data, in pieces, with the processor's own instructions
 * where it has them: libcrypto does 1 to 2 GB/s where libsodium's portable C does a quarter GB/s, and
 * an export hashes every byte that it writes. */
#ifndef PLUMBLINE_BASE_SHA256_H
#define PLUMBLINE_BASE_SHA256_H

#include <stddef.h>

enum { SHA256_TEXT_SIZE = 65 };

struct sha256;

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *sha, const void *bytes, size_t size);
/* Hex digits of what was added. Nothing can be added after this. */
void sha256_text(struct sha256 *sha, char out[SHA256_TEXT_SIZE]);
void sha256_free(struct sha256 *sha); /* NULL is fine */

#endif
