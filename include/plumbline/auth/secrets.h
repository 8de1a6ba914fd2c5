/* secrets.h - passwords, tokens and sealed secrets, all by libsodium; call sodium_init first. */
#ifndef PLUMBLINE_AUTH_SECRETS_H
#define PLUMBLINE_AUTH_SECRETS_H

#include "plumbline/base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    PASSWORD_MIN = 8,
    PASSWORD_MAX = 200,
    PASSWORD_HASH_SIZE = 128,
    SECRET_TOKEN_SIZE = 44,     /* 32 random bytes in URL-safe base64 and a NUL */
    SECRET_HASH_SIZE = 32,
    ACCESS_KEY_ID_SIZE = 21,    /* "PL" and 18 of [A-Z2-7], as AWS clients expect */
    SECRET_ACCESS_KEY_SIZE = 41,
    SECRET_SEAL_EXTRA = 40,     /* bytes that a sealed text is longer */
    SECRET_SEALED_MAX = 128,    /* of an access key's secret */
};

/* argon2id, 19 MiB and two passes (about 28 ms): never on a pool thread. */
bool password_hash(const char *password, char out[PASSWORD_HASH_SIZE], struct error *err);

/* hash NULL: the same work is done and the answer is no, so that time does not tell who exists. */
bool password_verify(const char *password, const char *hash);

/* 422 for a password that is too short or too long; field "password". */
bool password_check(const char *password, struct error *err);

void token_new(char out[SECRET_TOKEN_SIZE]);
void token_hash(const char *token, uint8_t out[SECRET_HASH_SIZE]); /* BLAKE2b: tokens are random */
bool token_equal(const char *a, const char *b);                     /* in constant time */
void access_key_new(char id[ACCESS_KEY_ID_SIZE], char secret[SECRET_ACCESS_KEY_SIZE]);

/* The key that seals stored secrets; made with mode 0600 on first use. */
struct vault;
struct vault *vault_open(const char *dir, struct error *err); /* DIR/secret.key; caller frees */
void          vault_free(struct vault *v);
/* out has room for the text and SECRET_SEAL_EXTRA bytes; the size of what was written. */
size_t        vault_seal(const struct vault *v, const char *text, uint8_t *out);
bool          vault_unseal(const struct vault *v, const uint8_t *sealed, size_t size, char *out,
                           size_t out_size, struct error *err);

/* A name for the thing `id` of a kind (at most 16 characters, "worker") that is always the same and
 * that nobody without the key can trace back: a keyed hash. */
enum { PSEUDONYM_SIZE = 16 };
void vault_pseudonym(const struct vault *v, const char *kind, int64_t id,
                     uint8_t out[PSEUDONYM_SIZE]);

#endif
