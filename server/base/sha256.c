/* sha256.c - SHA-256 and MD5 through libcrypto, the only file that knows it. */
#include "plumbline/base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A digest that needs no memory beyond its context and no input that could be wrong fails only when
 * memory is out: the same end as must_alloc's. */
static void must(int ok)
{
    if (ok == 1)
        return;
    fputs("plumbline: out of memory\n", stderr);
    abort();
}

static void write_hex(const unsigned char digest[SHA256_SIZE], char out[SHA256_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[2 * SHA256_SIZE] = '\0';
}

struct sha256 *sha256_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    must(context && EVP_DigestInit_ex(context, EVP_sha256(), NULL));
    return (struct sha256 *)context;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t size)
{
    must(EVP_DigestUpdate((EVP_MD_CTX *)sha, bytes, size));
}

void sha256_text(struct sha256 *sha, char out[SHA256_TEXT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    must(EVP_DigestFinal_ex((EVP_MD_CTX *)sha, digest, NULL));
    write_hex(digest, out);
}

void sha256_free(struct sha256 *sha)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)sha);
}

void sha256_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                 unsigned char out[SHA256_SIZE])
{
    must(HMAC(EVP_sha256(), key, (int)key_size, bytes, size, out, NULL) != NULL);
}

void sha256_of(const void *bytes, size_t size, char out[SHA256_TEXT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    must(EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL));
    write_hex(digest, out);
}

struct md5 *md5_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    must(context && EVP_DigestInit_ex(context, EVP_md5(), NULL));
    return (struct md5 *)context;
}

void md5_add(struct md5 *md5, const void *bytes, size_t size)
{
    must(EVP_DigestUpdate((EVP_MD_CTX *)md5, bytes, size));
}

void md5_end(struct md5 *md5, unsigned char out[MD5_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    must(EVP_DigestFinal_ex((EVP_MD_CTX *)md5, digest, NULL));
    memcpy(out, digest, MD5_SIZE);
}

void md5_free(struct md5 *md5)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)md5);
}

void md5_of(const void *bytes, size_t size, unsigned char out[MD5_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    must(EVP_Digest(bytes, size, digest, NULL, EVP_md5(), NULL));
    memcpy(out, digest, MD5_SIZE);
}
