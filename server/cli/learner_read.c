/* learner_read.c - reading the manifest: keys, labels, and features as they come.
 *
 * What a set learns from is settled by its first item: vectors when it carries "embedding", else
 * the text or image the type is about. Text is turned into features line by line and not kept. */
#include "learner.h"

#include "plumbline/base/buf.h"
#include "plumbline/learn/text.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BAD_LINES_TOLD = 5, ID_BYTES_MAX = 4096 };

struct reading {
    struct learner_set *set;
    struct learn_text  *text;
};

const struct task_type *learner_type(const char *name, struct error *err)
{
    const struct task_type *type = task_type_find(name);

    if (!type || !strstr(name, "classification")) {
        error_set(err, 2, "usage", "--type",
                  "--type %s is not one the learner knows; these are image-classification, "
                  "image-classification-multilabel, text-classification and "
                  "text-classification-multilabel.", name);
        return NULL;
    }
    return type;
}

static size_t add_item(struct learner_set *set)
{
    if (set->n == set->capacity) {
        set->capacity = set->capacity ? 2 * set->capacity : 1024;
        set->item = must_realloc(set->item, set->capacity, sizeof *set->item);
        set->row = must_realloc(set->row, set->capacity, sizeof *set->row);
    }
    set->item[set->n] = (struct learner_item){0};
    set->row[set->n] = (struct learn_row){0};
    return set->n++;
}

static const char *id_of(struct learner_set *set, json_t *object)
{
    json_t *id = json_object_get(object, "id");
    const char *kept = NULL;
    char *text;

    if (!json_is_string(id) && !json_is_integer(id))
        return NULL;
    text = json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT);
    if (text && strlen(text) <= ID_BYTES_MAX)
        kept = arena_strdup(&set->arena, text);
    free(text);
    return kept;
}

/* The number of a class, by its name after the class map. */
static int32_t class_number(struct learner_set *set, const char *name)
{
    const char *to = class_map_find(&set->map, name);
    int32_t number;

    if (to)
        name = to;
    if (!set->classes_fixed)
        return intern_add(set->classes, name, strlen(name));
    number = intern_find(set->classes, name, strlen(name));
    return number < 0 ? LEARNER_NO_CLASS : number;
}

static bool read_label(struct learner_set *set, const struct manifest_item *item, size_t i,
                       struct error *err)
{
    struct learner_item *to = &set->item[i];
    struct texts names = {0};
    struct arena a;
    bool ok, found = false;

    arena_init(&a);
    ok = task_label_parse(item->object, set->attribute, NULL, &a, &names, &found, err);
    if (ok && found && !set->type->multi_label && names.n != 1)
        ok = error_invalid(err, set->attribute, "\"%s\" has %zu classes; a single-label type has "
                           "exactly one.", set->attribute, names.n);
    if (ok && found) {
        to->labelled = true;
        to->n_classes = names.n;
        to->classes = arena_array(&set->arena, names.n + 1, sizeof *to->classes);
        for (size_t k = 0; k < names.n; k++)
            to->classes[k] = class_number(set, names.v[k]);
    }
    arena_release(&a);
    return ok;
}

static void settle_extractor(struct learner_set *set, json_t *embedding)
{
    if (json_is_array(embedding) && json_array_size(embedding) > 0 &&
        json_array_size(embedding) <= LEARN_VECTOR_MAX)
        set->extractor = learn_extractor_vector((uint32_t)json_array_size(embedding));
    else
        set->extractor = set->type->media == TASK_IMAGE ? learn_extractor_image(1)
                                                        : learn_extractor_text();
    set->extractor_known = true;
}

static bool read_item(void *context, const struct manifest_item *item, struct error *err)
{
    struct reading *reading = context;
    struct learner_set *set = reading->set;
    json_t *embedding = json_object_get(item->object, "embedding");
    struct error why = {0};
    size_t i = add_item(set);

    if (!set->extractor_known)
        settle_extractor(set, embedding);
    set->item[i].file_line = item->file_line;
    set->item[i].id = id_of(set, item->object);
    set->item[i].ref = arena_strdup(&set->arena, item->ref);
    if (set->attribute && !read_label(set, item, i, &why))
        return error_set(err, why.status, why.code, why.field, "Line %lld: %.340s",
                         (long long)item->file_line, why.message);
    if (set->extractor.kind == LEARN_VECTOR && !learner_vector_features(set, embedding, i, &why))
        return error_set(err, why.status, why.code, why.field, "Line %lld: %.340s",
                         (long long)item->file_line, why.message);
    return set->extractor.kind != LEARN_TEXT ||
           learner_text_features(set, reading->text, item, i);
}

static bool note_bad_line(void *context, const struct manifest_bad *bad, struct error *err)
{
    struct learner_set *set = ((struct reading *)context)->set;

    (void)err;
    if (set->bad_lines++ < BAD_LINES_TOLD)
        fprintf(stderr, "line %lld is left out: %s\n", (long long)bad->file_line, bad->message);
    return true;
}

/* The folder that a manifest's relative paths start from: its own, or the path when it is one. */
static const char *folder_of(struct arena *a, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return arena_strdup(a, path);
    return dirname(arena_strdup(a, path));
}

bool learner_read(struct learner_set *set, const char *path, uint64_t seed, struct error *err)
{
    struct reading reading = {.set = set, .text = learn_text_new()};
    struct manifest_sink sink = {.ctx = &reading, .item = read_item, .bad = note_bad_line};
    struct manifest_options options = {.media = set->type->media, .load_text = true};
    bool ok;

    options.base = set->base = folder_of(&set->arena, path);
    if (set->extractor_known && set->extractor.kind == LEARN_VECTOR) { /* source does not matter */
        options.media = TASK_MEDIA_ANY;
        options.load_text = false;
    }
    ok = manifest_read_path(path, &options, &sink, NULL, err);
    learn_text_free(reading.text);
    if (!ok)
        return false;
    if (set->bad_lines > BAD_LINES_TOLD)
        fprintf(stderr, "%zu lines are left out in all\n", set->bad_lines);
    if (set->n == 0)
        return error_set(err, 422, "source.invalid", "", "%s has no item that could be read.",
                         path);
    if (set->extractor.kind == LEARN_IMAGE && !learner_image_features(set, seed, err))
        return false;
    for (size_t i = 0; i < set->n; i++)
        if (set->item[i].failure && set->failed++ < BAD_LINES_TOLD)
            fprintf(stderr, "line %lld has no features: %s\n", (long long)set->item[i].file_line,
                    set->item[i].failure);
    return true;
}

void learner_release(struct learner_set *set)
{
    arena_release(&set->arena);
    free(set->item);
    free(set->row);
    free(set->label);
    free(set->sets);
    free(set->dictionary);
}

void learner_fill_labels(struct learner_set *set)
{
    size_t classes = (size_t)set->classes->n;

    set->label = must_alloc((set->n + 1) * sizeof *set->label);
    if (set->type->multi_label)
        set->sets = must_alloc(set->n * classes + 1);
    for (size_t i = 0; i < set->n; i++) {
        const struct learner_item *item = &set->item[i];

        set->label[i] = !item->labelled ? -1 : set->type->multi_label ? 0 : item->classes[0];
        for (size_t k = 0; set->sets && k < item->n_classes; k++)
            if (item->classes[k] != LEARNER_NO_CLASS)
                set->sets[i * classes + (size_t)item->classes[k]] = 1;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **learner_number_classes(struct learner_set *set)
{
    size_t n = (size_t)set->classes->n;
    const char **names = must_alloc((n + 1) * sizeof *names);
    struct intern sorted;

    for (size_t k = 0; k < n; k++)
        names[k] = set->classes->names[k].text;
    qsort(names, n, sizeof *names, by_text);
    intern_init(&sorted);
    for (size_t k = 0; k < n; k++)
        intern_add(&sorted, names[k], strlen(names[k]));
    for (size_t i = 0; i < set->n; i++)
        for (size_t k = 0; k < set->item[i].n_classes; k++) {
            const struct intern_name *old = &set->classes->names[set->item[i].classes[k]];

            set->item[i].classes[k] = intern_find(&sorted, old->text, old->size);
        }
    intern_release(set->classes);
    *set->classes = sorted;
    for (size_t k = 0; k < n; k++)
        names[k] = sorted.names[k].text;
    learner_fill_labels(set);
    return names;
}

struct learn_rows learner_rows(const struct learner_set *set)
{
    return (struct learn_rows){.extractor = set->extractor, .row = set->row, .n = set->n};
}

bool learner_item_name(const struct learner_set *set, size_t i, struct buf *out)
{
    if (set->item[i].id)
        return buf_puts(out, set->item[i].id);
    return buf_printf(out, "%lld", (long long)set->item[i].file_line);
}
