/* arena.h - memory that belongs to one lifetime: a request, a batch, a report.
 *
 * Everything allocated from an arena is freed by arena_release in one step. An allocation that the
 * system refuses ends the process (callers check sizes chosen by users first), so results are never
 * NULL. Memory is zeroed and aligned for any type. Not thread-safe: one thread at a time.
 */
#ifndef PLUMBLINE_BASE_ARENA_H
#define PLUMBLINE_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
    struct arena_block *head;
};

void  arena_init(struct arena *a);    /* no allocation, cannot fail */
void  arena_release(struct arena *a); /* frees everything; the arena may be used again */
void *arena_alloc(struct arena *a, size_t bytes);
void *arena_array(struct arena *a, size_t count, size_t size); /* ends the process on overflow */
char *arena_strdup(struct arena *a, const char *text);         /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *text, size_t bytes);
char *arena_id(struct arena *a, const char *prefix, int64_t id); /* "item_7"; id is not negative */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The process-ending allocators for memory that outlives any arena; the caller frees. */
void *must_alloc(size_t bytes); /* zeroed */
void *must_realloc(void *old, size_t count, size_t size);
char *must_strdup(const char *text);

#endif
