/* page.c - pages of a list. A NextToken says behind which entry the next page begins, not how many
 * were given, so that what comes or goes meanwhile repeats and hides nothing. It is bound to the
 * request's other members: clients repeat them with every page. */
#include "door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES = 2048 };

/* FNV-1a: nothing secret hangs on it, a token of another list is a mistake and no attack. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t filter_hash(const struct aws_call *c)
{
    json_t *filters = json_copy(c->in);
    uint64_t hash = hash_text(UINT64_C(14695981039346656037), c->operation->name);
    char *text;

    json_object_del(filters, "NextToken");
    json_object_del(filters, "MaxResults");
    text = json_dumps(filters, JSON_COMPACT | JSON_SORT_KEYS);
    hash = hash_text(hash, text ? text : "");
    free(text);
    json_decref(filters);
    return hash;
}

/* Hex, so that a token passes through every shell and URL as it is. */
static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(const char *token, char *out, size_t size)
{
    size_t n = strlen(token) / 2;

    if (strlen(token) % 2 || n >= size)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = digit(token[2 * i]), low = digit(token[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (char)(high << 4 | low);
    }
    out[n] = '\0';
    return strlen(out) == n;
}

/* [hash of the filters, key, id] */
static bool read_token(struct aws_call *c, const char *token, struct aws_place *out)
{
    char text[TOKEN_BYTES], hash[32];
    json_t *parts;
    const char *given, *key;
    json_int_t id;
    bool ok;

    if (!unhex(token, text, sizeof text))
        return false;
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)filter_hash(c));
    parts = json_loads(text, 0, NULL);
    ok = json_unpack(parts, "[s, s, I!]", &given, &key, &id) == 0 && strcmp(given, hash) == 0;
    if (ok)
        *out = (struct aws_place){arena_strdup(&c->arena, key), id};
    json_decref(parts);
    return ok;
}

bool aws_page_read(struct aws_call *c, int otherwise, struct aws_page *out, struct error *err)
{
    const char *token = aws_text(c->in, "NextToken");

    *out = (struct aws_page){.limit = (int)aws_int(c->in, "MaxResults", otherwise)};
    if (!token || !*token)
        return true;
    out->more = read_token(c, token, &out->after);
    return out->more || aws_invalid(err, "The NextToken is not one that this list has given for "
                                         "these filters.");
}

void aws_page_next(struct aws_call *c, json_t *out, const char *key, int64_t id)
{
    static const char hex[] = "0123456789abcdef";
    char hash[32];
    char *text, *token;
    json_t *parts;
    size_t n;

    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)filter_hash(c));
    parts = json_pack("[s, s, I]", hash, key, (json_int_t)id);
    text = json_dumps(parts, JSON_COMPACT);
    json_decref(parts);
    n = text ? strlen(text) : 0;
    token = arena_alloc(&c->arena, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        token[2 * i] = hex[(unsigned char)text[i] >> 4];
        token[2 * i + 1] = hex[(unsigned char)text[i] & 15];
    }
    free(text);
    json_object_set_new(out, "NextToken", json_string(token));
}
