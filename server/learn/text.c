/* text.c - text to hashed counts.
 *
 * Three steps over scratch memory: code points in NFKC with case folded (a shortcut for ASCII,
 * where that is tolower), the column of every word and run in the order of the text, and these
 * sorted by two passes of counting sort, equal ones counted. Sorting beats a table of 2^18
 * counters, which does not fit the nearest cache. */
#include "plumbline/learn/text.h"

#include "plumbline/base/arena.h"
#include "plumbline/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    RUN_MIN = 3, /* code points of the shortest and longest character run */
    RUN_MAX = 4,
    DENSE_SCRIPTS = 0x2E80, /* from here on (Chinese, Japanese, Korean) two make a run */
    PER_POINT = RUN_MAX - 1 + 2, /* at most so many columns a code point: runs, word, pair */
    DIGIT_BITS = LEARN_TEXT_BITS / 2, /* of the counting sort */
};

#define START_WORD UINT64_C(0x243F6A8885A308D3)
#define START_PAIR UINT64_C(0x13198A2E03707344)
#define START_RUN  UINT64_C(0xA4093822299F31D0)

struct learn_text {
    uint32_t *point;          /* code points of the text, a blank at either end   */
    utf8proc_int32_t *folded; /* of utf8proc, before blanks are set               */
    size_t    n_points, capacity;
    uint32_t *column, *sorted; /* PER_POINT entries a code point                  */
    size_t    n_columns;
};

static void reserve(struct learn_text *t, size_t points)
{
    if (points <= t->capacity)
        return;
    t->capacity = points + points / 2 + 256;
    t->point = must_realloc(t->point, t->capacity, sizeof *t->point);
    t->folded = must_realloc(t->folded, t->capacity, sizeof *t->folded);
    t->column = must_realloc(t->column, t->capacity, PER_POINT * sizeof *t->column);
    t->sorted = must_realloc(t->sorted, t->capacity, PER_POINT * sizeof *t->sorted);
}

struct learn_text *learn_text_new(void)
{
    struct learn_text *t = must_alloc(sizeof *t);

    reserve(t, 1024);
    return t;
}

void learn_text_free(struct learn_text *t)
{
    if (!t)
        return;
    free(t->column);
    free(t->sorted);
    free(t->point);
    free(t->folded);
    free(t);
}

static bool is_ascii(const unsigned char *p, size_t size)
{
    unsigned char all = 0;

    for (size_t i = 0; i < size; i++)
        all |= p[i];
    return all < 0x80;
}

static void fold_ascii(struct learn_text *t, const unsigned char *p, size_t size)
{
    reserve(t, size + 2);
    for (size_t i = 0; i < size; i++) {
        uint32_t c = p[i];

        t->point[i] = c >= 'A' && c <= 'Z' ? c + 32 : c <= ' ' || c == 127 ? ' ' : c;
    }
    t->n_points = size;
}

static bool fold_unicode(struct learn_text *t, const char *text, size_t size, struct error *err)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                                      UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    utf8proc_ssize_t n;

    reserve(t, size + 2);
    n = utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size, t->folded,
                           (utf8proc_ssize_t)t->capacity, options);
    if (n > (utf8proc_ssize_t)t->capacity) { /* compatibility forms can be longer than the text */
        reserve(t, (size_t)n + 2);
        n = utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size, t->folded,
                               (utf8proc_ssize_t)t->capacity, options);
    }
    if (n >= 0)
        n = utf8proc_normalize_utf32(t->folded, n, options);
    if (n < 0)
        return error_invalid(err, "text", "The text cannot be normalised: %s.",
                             utf8proc_errmsg(n));
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        utf8proc_category_t c = utf8proc_category(t->folded[i]);
        bool space = c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL ||
                     c == UTF8PROC_CATEGORY_ZP || c == UTF8PROC_CATEGORY_CC;

        t->point[i] = space ? ' ' : (uint32_t)t->folded[i];
    }
    t->n_points = (size_t)n;
    return true;
}

static inline uint64_t hash_step(uint64_t h, uint32_t c)
{
    h = (h ^ c) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ (h >> 29);
}

/* `block` is 0 for runs, LEARN_TEXT_WORDS for words: each has a half of the columns. */
static inline void count(struct learn_text *t, uint64_t h, uint32_t block)
{
    t->column[t->n_columns++] =
        block + (uint32_t)((h * UINT64_C(0xD6E8FEB86659FD93)) >> (65 - LEARN_TEXT_BITS));
}

/* Runs of RUN_MIN..RUN_MAX code points of one token, whose first and last point are blanks. */
static void count_runs(struct learn_text *t, const uint32_t *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        size_t left = n - i < RUN_MAX ? n - i : RUN_MAX;
        uint64_t h = hash_step(hash_step(START_RUN, p[i]), p[i + 1]);

        if (p[i] >= DENSE_SCRIPTS)
            count(t, h, 0);
        for (size_t k = RUN_MIN - 1; k < left; k++) {
            h = hash_step(h, p[i + k]);
            count(t, h, 0);
        }
    }
}

static void count_all_runs(struct learn_text *t)
{
    size_t i = 1; /* point[0] and point[n_points - 1] are blanks */

    while (i < t->n_points) {
        size_t begin = i;

        while (i < t->n_points && t->point[i] != ' ')
            i++;
        if (i > begin)
            count_runs(t, t->point + begin - 1, i - begin + 2);
        i++;
    }
}

static bool is_word_point(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return false;
    }
}

static void count_words(struct learn_text *t)
{
    uint64_t before = 0; /* hash of the word before; 0 = none */

    for (size_t i = 0; i < t->n_points;) {
        uint64_t h = START_WORD;
        size_t begin = i;

        while (i < t->n_points && is_word_point(t->point[i]))
            h = hash_step(h, t->point[i++]);
        if (i == begin) {
            i++;
            continue;
        }
        count(t, h, LEARN_TEXT_WORDS);
        if (before)
            count(t, hash_step(START_PAIR ^ before, (uint32_t)h) ^ (h >> 32), LEARN_TEXT_WORDS);
        before = h;
    }
}

/* One pass of a stable counting sort by the digit at `shift`. */
static void sort_pass(const uint32_t *from, uint32_t *to, size_t n, int shift)
{
    uint32_t start[1 << DIGIT_BITS] = {0};
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        start[(from[i] >> shift) & ((1 << DIGIT_BITS) - 1)]++;
    for (size_t d = 0; d < 1 << DIGIT_BITS; d++) {
        uint32_t here = start[d];

        start[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[start[(from[i] >> shift) & ((1 << DIGIT_BITS) - 1)]++] = from[i];
}

static void finish(struct learn_text *t, struct learn_row *out)
{
    size_t n = 0;

    sort_pass(t->column, t->sorted, t->n_columns, 0);
    sort_pass(t->sorted, t->column, t->n_columns, DIGIT_BITS);
    for (size_t i = 0; i < t->n_columns;) {
        uint32_t column = t->column[i];
        size_t begin = i;

        while (i < t->n_columns && t->column[i] == column)
            i++;
        t->sorted[n++] = column << LEARN_COUNT_BITS |
                         (uint32_t)(i - begin < LEARN_COUNT_MAX ? i - begin : LEARN_COUNT_MAX);
    }
    *out = (struct learn_row){.data = t->sorted, .n = n};
    t->n_columns = 0;
}

bool learn_text_extract(struct learn_text *t, const char *text, size_t size, struct learn_row *out,
                        struct error *err)
{
    const unsigned char *bytes = (const unsigned char *)text;

    if (is_ascii(bytes, size)) {
        fold_ascii(t, bytes, size);
    } else {
        size_t good = utf8_valid_prefix(text, size);

        if (good < size)
            return error_invalid(err, "text", "The text is not UTF-8: byte %zu is wrong.", good);
        if (!fold_unicode(t, text, size, err))
            return false;
        reserve(t, t->n_points + 2);
    }
    memmove(t->point + 1, t->point, t->n_points * sizeof *t->point);
    t->point[0] = t->point[t->n_points + 1] = ' ';
    t->n_points += 2;
    count_all_runs(t);
    count_words(t);
    finish(t, out);
    return true;
}
