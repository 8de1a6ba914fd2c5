/* line_keys.c - the key of an item, and the counting of equal lines behind it. */
#include "line_keys.h"

#include "plumbline/exchange/manifest.h"

#include <sodium.h>
#include <stdio.h>

void line_keys_init(struct line_keys *keys, const char *folder)
{
    keys->once = (struct hash_table){.folder = folder};
    keys->again = (struct hash_table){.folder = folder, .numbered = true};
}

void line_keys_release(struct line_keys *keys)
{
    hash_table_release(&keys->once);
    hash_table_release(&keys->again);
}

uint32_t line_keys_add(struct line_keys *keys, uint64_t hash)
{
    uint32_t *seen;

    if (hash_table_add(&keys->once, hash))
        return 1;
    seen = hash_table_number(&keys->again, hash);
    if (*seen == 0)
        *seen = 1;
    return ++*seen;
}

uint64_t manifest_line_hash(const void *line, size_t size)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    uint64_t hash = 0;

    crypto_hash_sha256(digest, line, size);
    for (size_t i = 0; i < sizeof hash; i++)
        hash = hash << 8 | digest[i];
    return hash;
}

/* "#%016x.%u", which printf takes as long for as the rest of a line. */
static void line_key(uint64_t hash, uint32_t occurrence, char *out)
{
    char digits[16];
    int n = 0;

    *out++ = '#';
    for (int shift = 60; shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[hash >> shift & 15];
    *out++ = '.';
    do
        digits[n++] = (char)('0' + occurrence % 10);
    while ((occurrence /= 10) > 0);
    while (n > 0)
        *out++ = digits[--n];
    *out = '\0';
}

char *manifest_key(const char *id, uint64_t line_hash, uint32_t occurrence,
                   char out[MANIFEST_KEY_SIZE])
{
    if (id)
        snprintf(out, MANIFEST_KEY_SIZE, "%s%.*s", id[0] == '#' ? "#" : "", MANIFEST_ID_MAX, id);
    else
        line_key(line_hash, occurrence, out);
    return out;
}

bool manifest_key_is_of_line(const char *key)
{
    return key[0] == '#' && key[1] != '#';
}
