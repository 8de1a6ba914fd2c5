/* test_hash_table.c - sets of hashes, in memory and in a mapped file. */
#include "../check.h"
#include "plumbline/base/hash_table.h"

#include <stdlib.h>
#include <unistd.h>

enum { MANY = 1000000 };

static uint64_t hash_of(uint64_t n)
{
    n *= UINT64_C(0x9E3779B97F4A7C15);
    n ^= n >> 29;
    return n * UINT64_C(0xBF58476D1CE4E5B9);
}

/* Private memory of this process in bytes. */
static long anonymous(void)
{
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    char line[200];
    long kb = 0;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Anonymous: %ld", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return kb * 1024;
}

static void fill(struct hash_table *t, const char *where)
{
    bool were_new = true, known = true;

    for (uint64_t i = 0; i < MANY; i++)
        were_new = hash_table_add(t, hash_of(i)) && were_new;
    for (uint64_t i = 0; i < MANY; i++)
        known = !hash_table_add(t, hash_of(i)) && known;
    CHECK(where, were_new);
    CHECK("and are known again", known);
    CHECK("and counted once", t->n == MANY);
    CHECK("another one is new", hash_table_add(t, hash_of(MANY)));
}

int main(void)
{
    char folder[] = "/tmp/plumbline-test-XXXXXX";
    struct hash_table small = {0}, big = {0}, numbered = {.numbered = true};
    bool right = true;
    long before;

    CHECK("zero is a hash like others", hash_table_add(&small, 0) && !hash_table_add(&small, 0));
    hash_table_release(&small);
    fill(&small, "a million hashes in memory are new");
    hash_table_release(&small);
    CHECK("released is empty", small.n == 0 && hash_table_add(&small, 7));
    hash_table_release(&small);

    CHECK("a folder", mkdtemp(folder) != NULL);
    big.folder = folder;
    before = anonymous();
    fill(&big, "a million in a file are new");
    if (SANITIZED)
        check_skip("its pages are not memory of the process",
                   "a sanitizer changes what memory is used");
    else
        CHECK("its pages are not memory of the process",
              big.bytes > HASH_TABLE_OWN && anonymous() - before < (long)big.bytes / 4);
    CHECK("and the file has no name", rmdir(folder) == 0);
    hash_table_release(&big);
    big.folder = "/nonexistent";
    fill(&big, "a million where the folder is gone are new");
    hash_table_release(&big);

    for (uint32_t i = 0; i < 3 * 5000; i++)
        ++*hash_table_number(&numbered, hash_of(i % 5000));
    for (uint32_t i = 0; i < 5000; i++)
        right = right && *hash_table_number(&numbered, hash_of(i)) == 3;
    CHECK("numbers stay with their hashes", right && *hash_table_number(&numbered, 99) == 0);
    hash_table_release(&numbered);
    return check_done();
}
