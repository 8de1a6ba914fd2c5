/* sha256.h - SHA-256 (FIPS 180-4) of much data, in pieces, with the processor's own instructions
 * where it has them: libcrypto does 1 to 2 GB/s where libsodium's portable C does a quarter GB/s, and
 * an export hashes every byte that it writes. Beside it what else of libcrypto signing and buckets
 * need: HMAC-SHA256 (RFC 2104) and MD5 (RFC 1321; only where a protocol asks for it). */
#ifndef PLUMBLINE_BASE_SHA256_H
#define PLUMBLINE_BASE_SHA256_H

#include <stddef.h>

enum { SHA256_SIZE = 32, SHA256_TEXT_SIZE = 65, MD5_SIZE = 16 };

struct sha256;

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *sha, const void *bytes, size_t size);
/* Hex digits of what was added. Nothing can be added after this. */
void sha256_text(struct sha256 *sha, char out[SHA256_TEXT_SIZE]);
void sha256_free(struct sha256 *sha); /* NULL is fine */

void sha256_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                 unsigned char out[SHA256_SIZE]);
/* Hex digits of the whole text. */
void sha256_of(const void *bytes, size_t size, char out[SHA256_TEXT_SIZE]);

struct md5;
struct md5 *md5_new(void);
void md5_add(struct md5 *md5, const void *bytes, size_t size);
void md5_end(struct md5 *md5, unsigned char out[MD5_SIZE]); /* nothing can be added after this */
void md5_free(struct md5 *md5);                             /* NULL is fine */
void md5_of(const void *bytes, size_t size, unsigned char out[MD5_SIZE]);

#endif
