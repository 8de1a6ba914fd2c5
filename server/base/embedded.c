/* embedded.c - looking up what was built in; the table itself is generated. */
#include "embedded_table.h"

#include <string.h>

static const struct embedded_set *find_set(const char *name)
{
    const struct embedded_set *set = embedded_sets;

    while (set->name && strcmp(set->name, name) != 0)
        set++;
    return set->name ? set : NULL;
}

const struct embedded_file *embedded_at(const char *name, size_t i)
{
    const struct embedded_set *set = find_set(name);

    return set && i < set->count ? &set->files[i] : NULL;
}

const struct embedded_file *embedded_find(const char *name, const char *path)
{
    const struct embedded_set *set = find_set(name);
    size_t low = 0, high = set ? set->count : 0;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(path, set->files[middle].path);

        if (order == 0)
            return &set->files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *embedded_hash(void)
{
    return embedded_content_hash;
}
