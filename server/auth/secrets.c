/* secrets.c - the wall around libsodium. */
#include "plumbline/auth/secrets.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/disk.h"
#include "plumbline/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HASH_PASSES = 2, HASH_BYTES = 19 << 20 };

_Static_assert(SECRET_SEAL_EXTRA == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES,
               "what sealing adds");

struct vault {
    unsigned char key[crypto_secretbox_KEYBYTES];
};

bool password_check(const char *password, struct error *err)
{
    size_t length = utf8_length(password, strlen(password));

    if (length < PASSWORD_MIN)
        return error_invalid(err, "password", "The password needs at least %d characters.",
                             PASSWORD_MIN);
    if (length > PASSWORD_MAX)
        return error_invalid(err, "password", "The password has more than %d characters.",
                             PASSWORD_MAX);
    return true;
}

bool password_hash(const char *password, char out[PASSWORD_HASH_SIZE], struct error *err)
{
    if (crypto_pwhash_str_alg(out, password, strlen(password), HASH_PASSES, HASH_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return error_internal(err, "There is not enough memory to hash a password.");
    return true;
}

bool password_verify(const char *password, const char *hash)
{
    /* Any well-formed hash will do for somebody who does not exist. */
    static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA"
                                 "$d3JvbmdoYXNod3JvbmdoYXNod3JvbmdoYXNod3Jvbmc";
    int same = crypto_pwhash_str_verify(hash ? hash : nobody, password, strlen(password)) == 0;

    return hash && same;
}

void token_new(char out[SECRET_TOKEN_SIZE])
{
    unsigned char bytes[32];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, SECRET_TOKEN_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void token_hash(const char *token, uint8_t out[SECRET_HASH_SIZE])
{
    crypto_generichash(out, SECRET_HASH_SIZE, (const unsigned char *)token, strlen(token), NULL, 0);
}

bool token_equal(const char *a, const char *b)
{
    size_t n = strlen(a);

    return n == strlen(b) && sodium_memcmp(a, b, n) == 0;
}

static void random_text(char *out, size_t count, const char *letters, uint32_t n)
{
    for (size_t i = 0; i < count; i++)
        out[i] = letters[randombytes_uniform(n)];
    out[count] = '\0';
}

void access_key_new(char id[ACCESS_KEY_ID_SIZE], char secret[SECRET_ACCESS_KEY_SIZE])
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
                      any[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    memcpy(id, "PL", 2);
    random_text(id + 2, ACCESS_KEY_ID_SIZE - 3, upper, 32);
    random_text(secret, SECRET_ACCESS_KEY_SIZE - 1, any, 64);
}

static bool read_key(int fd, struct vault *v)
{
    return read(fd, v->key, sizeof v->key) == (ssize_t)sizeof v->key;
}

/* Under another name first, so that a kill leaves no half of a key. */
static bool create_key(const char *path, struct vault *v, struct error *err)
{
    char part[PATH_MAX];
    bool ok;
    int fd;

    snprintf(part, sizeof part, "%.*s.new", PATH_MAX - 5, path);
    fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return disk_error(err, "%.200s cannot be made", path);
    randombytes_buf(v->key, sizeof v->key);
    ok = (disk_write(fd, v->key, sizeof v->key) && fsync(fd) == 0 && rename(part, path) == 0 &&
          disk_sync_folder_of(path)) ||
         disk_error(err, "%.200s cannot be written", path);
    close(fd);
    if (!ok)
        unlink(part);
    return ok;
}

struct vault *vault_open(const char *dir, struct error *err)
{
    struct vault *v = must_alloc(sizeof *v);
    char path[PATH_MAX];
    bool ok;
    int fd;

    snprintf(path, sizeof path, "%s/secret.key", dir);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        ok = errno == ENOENT ? create_key(path, v, err)
                             : error_system(err, "%s cannot be read", path);
    } else {
        ok = read_key(fd, v) ||
             error_internal(err, "%s is damaged: it must hold %zu bytes.", path, sizeof v->key);
        close(fd);
    }
    if (ok)
        return v;
    free(v);
    return NULL;
}

void vault_free(struct vault *v)
{
    if (v)
        sodium_memzero(v, sizeof *v);
    free(v);
}

size_t vault_seal(const struct vault *v, const char *text, uint8_t *out)
{
    size_t n = strlen(text);

    randombytes_buf(out, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, (const unsigned char *)text, n, out,
                          v->key);
    return crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + n;
}

bool vault_unseal(const struct vault *v, const uint8_t *sealed, size_t size, char *out,
                  size_t out_size, struct error *err)
{
    const size_t extra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;

    if (size < extra || size - extra >= out_size ||
        crypto_secretbox_open_easy((unsigned char *)out, sealed + crypto_secretbox_NONCEBYTES,
                                   size - crypto_secretbox_NONCEBYTES, sealed, v->key) != 0)
        return error_internal(err, "A stored secret cannot be opened with this secret.key.");
    out[size - extra] = '\0';
    return true;
}

void vault_pseudonym(const struct vault *v, const char *kind, int64_t id,
                     uint8_t out[PSEUDONYM_SIZE])
{
    unsigned char key[crypto_generichash_KEYBYTES], text[8];

    /* A key of its own for each kind: the vault's seals, and is never used for two things. */
    crypto_generichash(key, sizeof key, (const unsigned char *)kind, strlen(kind), v->key,
                       sizeof v->key);
    for (int i = 0; i < 8; i++)
        text[i] = (unsigned char)((uint64_t)id >> (8 * i));
    crypto_generichash(out, PSEUDONYM_SIZE, text, sizeof text, key, sizeof key);
    sodium_memzero(key, sizeof key);
}
