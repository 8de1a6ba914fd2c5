/* hash_table.c - linear probing in mapped memory. */
#include "plumbline/base/hash_table.h"

#include "plumbline/base/arena.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SLOTS_MIN = 512 };

/* A file of that size with no name. posix_fallocate, because a hole that finds the disk full when
 * it is written to ends the process. */
static int open_file(const char *folder, size_t bytes)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) {
        char path[4096];

        snprintf(path, sizeof path, "%s/hashes-XXXXXX", folder);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            unlink(path);
    }
    if (fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void *map(const char *folder, size_t bytes)
{
    int fd = folder && bytes > HASH_TABLE_OWN ? open_file(folder, bytes) : -1;
    void *p = MAP_FAILED;

    if (fd >= 0) {
        p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
    }
    if (p == MAP_FAILED)
        p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        fputs("plumbline: out of memory\n", stderr);
        abort();
    }
    return p;
}

static size_t slot_of(const struct hash_table *t, uint64_t hash)
{
    size_t i = hash & (t->capacity - 1);

    while (t->hashes[i] && t->hashes[i] != hash)
        i = (i + 1) & (t->capacity - 1);
    return i;
}

static void grow(struct hash_table *t)
{
    struct hash_table old = *t;

    t->capacity = old.capacity ? old.capacity * 2 : SLOTS_MIN;
    t->bytes = t->capacity * (sizeof *t->hashes + (t->numbered ? sizeof *t->numbers : 0));
    t->hashes = map(t->folder, t->bytes);
    t->numbers = t->numbered ? (uint32_t *)(t->hashes + t->capacity) : NULL;
    for (size_t i = 0; i < old.capacity; i++) {
        size_t slot;

        if (!old.hashes[i])
            continue;
        slot = slot_of(t, old.hashes[i]);
        t->hashes[slot] = old.hashes[i];
        if (t->numbered)
            t->numbers[slot] = old.numbers[i];
    }
    if (old.hashes)
        munmap(old.hashes, old.bytes);
}

/* The slot of the hash, taken for it when it was not there. */
static size_t enter(struct hash_table *t, uint64_t hash, bool *is_new)
{
    size_t slot;

    hash = hash ? hash : 1; /* 0 marks a free slot */
    if (t->n >= t->capacity / 4 * 3)
        grow(t);
    slot = slot_of(t, hash);
    *is_new = t->hashes[slot] == 0;
    if (*is_new) {
        t->hashes[slot] = hash;
        t->n++;
    }
    return slot;
}

bool hash_table_add(struct hash_table *t, uint64_t hash)
{
    bool is_new;

    enter(t, hash, &is_new);
    return is_new;
}

uint32_t *hash_table_number(struct hash_table *t, uint64_t hash)
{
    bool is_new;
    size_t slot = enter(t, hash, &is_new);

    return &t->numbers[slot];
}

void hash_table_release(struct hash_table *t)
{
    if (t->hashes)
        munmap(t->hashes, t->bytes);
    *t = (struct hash_table){.folder = t->folder, .numbered = t->numbered};
}
