/* sha256.c - SHA-256 through libcrypto, the only file that knows it. */
#include "plumbline/base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

/* A digest that needs no memory beyond its context and no input that could be wrong fails only when
 * memory is out: the same end as must_alloc's. */
static void must(int ok)
{
    if (ok == 1)
        return;
    fputs("plumbline: out of memory\n", stderr);
    abort();
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
    for (size_t i = 0; i < 32; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

void sha256_free(struct sha256 *sha)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)sha);
}
