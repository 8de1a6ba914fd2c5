/* folder.c - a folder's files as items, in byte order of their paths.
 *
 * One directory's names are held and sorted at a time (and those of the directories above it). A
 * directory sorts as if its name ended in '/', which makes the order that of the whole paths.
 * Hidden names are skipped, symbolic links to directories are not followed (they may lead in
 * circles), those to files only where they stay inside the folder.
 */
#include "reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 64 };

struct name {
    const char *text; /* a directory's ends in '/' */
    bool        link;
};

struct names {
    struct name *v;
    size_t       n, capacity;
    struct arena a;
};

bool manifest_folder_takes(enum task_media media, const char *name)
{
    static const struct {
        const char     *end;
        enum task_media media;
    } known[] = {
        {".jpg", TASK_IMAGE}, {".jpeg", TASK_IMAGE}, {".png", TASK_IMAGE}, {".txt", TASK_TEXT}};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++)
        if (strcasecmp(dot, known[i].end) == 0)
            return media == TASK_MEDIA_ANY || media == known[i].media;
    return false;
}

static int name_order(const void *x, const void *y)
{
    return strcmp(((const struct name *)x)->text, ((const struct name *)y)->text);
}

static void add(struct names *list, const char *text, bool directory, bool link)
{
    if (list->n == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 64;
        list->v = must_realloc(list->v, list->capacity, sizeof *list->v);
    }
    list->v[list->n++] = (struct name){arena_printf(&list->a, "%s%s", text, directory ? "/" : ""),
                                       link};
}

/* Fills the list from the directory; takes over fd. */
static bool list_names(int fd, enum task_media media, struct names *list, struct error *err)
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry;

    if (!dir) {
        close(fd);
        return error_system(err, "Reading a folder failed");
    }
    while (errno = 0, (entry = readdir(dir))) {
        struct stat st;

        if (entry->d_name[0] == '.' ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue; /* hidden, or gone meanwhile */
        if (S_ISDIR(st.st_mode))
            add(list, entry->d_name, true, false);
        else if ((S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)) &&
                 manifest_folder_takes(media, entry->d_name))
            add(list, entry->d_name, false, S_ISLNK(st.st_mode));
    }
    if (errno) {
        closedir(dir);
        return error_system(err, "Reading a folder failed");
    }
    closedir(dir);
    if (list->n)
        qsort(list->v, list->n, sizeof *list->v, name_order);
    return true;
}

static bool file_item(struct manifest_reader *r, const char *path, bool link, struct error *err)
{
    struct error inner = {0};
    json_t *object = NULL;
    char *json = NULL;
    bool good = true, ok;
    int fd;

    if (link && manifest_open(r->base, path, &fd, &inner)) {
        close(fd);
    } else if (link) {
        ok = reader_bad(r, path, strlen(path), false,
                        strcmp(inner.code, "line.path") == 0 ? "line.path" : "line.file", err, "%s",
                        inner.message);
        goto out;
    }
    ok = reader_bytes_ok(r, path, strlen(path), &good, err);
    if (!ok || !good)
        goto out;
    object = json_pack("{s:s}", "source-ref", path);
    json = json_dumps(object, JSON_COMPACT);
    ok = json ? reader_item(r, json, strlen(json), object, err)
              : error_internal(err, "A file's name could not be written as JSON.");
out:
    r->line++;
    r->file_line++;
    free(json);
    json_decref(object);
    return ok;
}

static bool walk(struct manifest_reader *r, int fd, const char *prefix, int depth,
                 struct error *err);

static bool walk_into(struct manifest_reader *r, int parent, const char *name, const char *path,
                      int depth, struct error *err)
{
    int fd;

    if (depth >= DEPTH_MAX)
        return error_set(err, 422, "source.invalid", path,
                         "The folder is nested more than %d levels deep: %.200s", DEPTH_MAX, path);
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_system(err, "Opening the folder %.200s failed", path);
    return walk(r, fd, path, depth + 1, err);
}

/* Takes over fd. */
static bool walk(struct manifest_reader *r, int fd, const char *prefix, int depth,
                 struct error *err)
{
    struct names list = {0};
    int keep = -1;
    bool ok = false;

    arena_init(&list.a);
    keep = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* the listing closes its own */
    if (keep < 0) {
        close(fd);
        error_system(err, "Reading a folder failed");
        goto out;
    }
    if (!list_names(fd, r->options.media, &list, err))
        goto out;
    for (size_t i = 0; i < list.n; i++) {
        const char *name = list.v[i].text;
        char *path = must_alloc(strlen(prefix) + strlen(name) + 1);

        memcpy(path, prefix, strlen(prefix));
        memcpy(path + strlen(prefix), name, strlen(name) + 1);
        if (name[strlen(name) - 1] == '/')
            ok = walk_into(r, keep, name, path, depth, err);
        else
            ok = file_item(r, path, list.v[i].link, err);
        free(path);
        if (!ok)
            goto out;
    }
    ok = true;
out:
    if (keep >= 0)
        close(keep);
    free(list.v);
    arena_release(&list.a);
    return ok;
}

bool folder_read(struct manifest_reader *r, int fd, const char *path, struct error *err)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (own < 0)
        return error_system(err, "Reading the folder %s failed", path);
    if (!walk(r, own, "", 0, err))
        return false;
    if (r->line > 0)
        return true;
    return error_set(err, 422, "source.invalid", "",
                     "The folder %s has no %s file.", path,
                     r->options.media == TASK_TEXT    ? ".txt"
                     : r->options.media == TASK_IMAGE ? ".jpg, .jpeg or .png"
                                                      : ".jpg, .jpeg, .png or .txt");
}
