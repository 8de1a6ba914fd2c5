/* transfer.c - `plumbline import` and `plumbline export`. */
#include "client.h"
#include "plumbline/base/options.h"
#include "plumbline/cli/commands.h"
#include "plumbline/exchange/export.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- import ---- */

static long long number(json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

static void print_import(json_t *import)
{
    json_t *errors = json_object_get(import, "errors"), *e;
    size_t i;

    printf("%lld added, %lld already there, %lld bad\n", number(import, "added"),
           number(import, "duplicates"), number(import, "failed"));
    json_array_foreach(errors, i, e)
        fprintf(stderr, "line %lld: %s\n", number(e, "line"),
                json_string_value(json_object_get(e, "message")));
    if (number(import, "failed") > (long long)json_array_size(errors))
        fprintf(stderr, "… and %lld more bad lines\n",
                number(import, "failed") - (long long)json_array_size(errors));
}

static bool run_import(struct client *c, const char *job, const char *source, struct error *err)
{
    char path[PATH_MAX], route[PATH_MAX];
    struct arena a;
    json_t *reply = NULL;
    const char *message, *id;
    bool ok = false;

    if (strstr(source, "://")) /* in a bucket: the service reads it */
        snprintf(path, sizeof path, "%s", source);
    else if (!realpath(source, path))
        return error_set(err, 1, "source.not_found", "", "%s: %s", source, strerror(errno));
    arena_init(&a);
    id = client_escape(&a, job);
    snprintf(route, sizeof route, "/api/v1/jobs/%s/imports", id);
    if (!client_call(c, "POST", route, json_pack("{s:s}", "source", path), &reply, err))
        goto out;
    snprintf(route, sizeof route, "/api/v1/jobs/%s/imports/%s", id,
             json_string_value(json_object_get(reply, "id")));
    json_decref(reply);
    reply = NULL;
    if (!client_wait(c, route, "import", &reply, err))
        goto out;
    print_import(reply);
    message = json_string_value(json_object_get(reply, "message"));
    ok = strcmp(json_string_value(json_object_get(reply, "state")), "done") == 0 ||
         error_set(err, 1, "import.failed", "", "%s", message ? message : "The import failed.");
out:
    json_decref(reply);
    arena_release(&a);
    return ok;
}

int command_import(int argc, char **argv)
{
    const char *data = "plumbline-data", *job = NULL;
    const struct option_spec options[] = {
        {.name = "data", .kind = OPTION_TEXT, .to = &data, .value_name = "DIR",
         .help = "Data folder; ./plumbline-data unless told"},
        {.name = "job", .kind = OPTION_TEXT, .to = &job, .value_name = "JOB", .required = true,
         .help = "Name or id of the job"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    struct client *c;
    bool ok;

    if (!options_parse(options, argc, argv, &args, &err))
        return command_fail("import", &err);
    if (args.help) {
        options_help(options, "import --job JOB SOURCE",
                     "SOURCE is a manifest (JSON Lines), a CSV table or a folder of files: a path, or\n"
                     "s3://bucket/key; a folder in a bucket ends in /. Bad lines are reported, the good\n"
                     "ones go on; what is there already is not added again.");
        return 0;
    }
    if (args.n != 1) {
        error_set(&err, 2, "usage", "", "give one SOURCE; see --help");
        return command_fail("import", &err);
    }
    c = client_open(data, false, &err);
    ok = c && run_import(c, job, args.v[0], &err);
    client_close(c);
    return ok ? 0 : command_fail("import", &err);
}

/* ---- export ---- */

static bool unpack_failed(struct archive *a, struct error *err)
{
    const char *why = archive_error_string(a);

    return error_set(err, 1, "export.unpack", "", "The folder cannot be written: %s.",
                     why ? why : "unknown");
}

/* Unpacks the tar of the output tree into a folder. */
static bool unpack(const char *tar, const char *folder, struct error *err)
{
    struct archive *in = archive_read_new(), *out = archive_write_disk_new();
    struct archive_entry *entry;
    bool ok = true;
    int rc;

    archive_read_support_format_tar(in);
    archive_write_disk_set_options(out, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                                            ARCHIVE_EXTRACT_SECURE_SYMLINKS);
    if (archive_read_open_filename(in, tar, 1 << 16) != ARCHIVE_OK)
        ok = unpack_failed(in, err);
    while (ok && (rc = archive_read_next_header(in, &entry)) != ARCHIVE_EOF) {
        char path[PATH_MAX];
        const void *bytes;
        size_t size;
        la_int64_t offset;

        if (rc < ARCHIVE_WARN) {
            ok = unpack_failed(in, err);
            break;
        }
        snprintf(path, sizeof path, "%s/%s", folder, archive_entry_pathname(entry));
        archive_entry_set_pathname(entry, path);
        ok = archive_write_header(out, entry) >= ARCHIVE_WARN || unpack_failed(out, err);
        while (ok && archive_read_data_block(in, &bytes, &size, &offset) == ARCHIVE_OK)
            ok = archive_write_data_block(out, bytes, size, offset) >= ARCHIVE_WARN ||
                 unpack_failed(out, err);
    }
    if (ok && archive_write_close(out) != ARCHIVE_OK)
        ok = unpack_failed(out, err);
    archive_read_free(in);
    archive_write_free(out);
    return ok;
}

/* Fetched under another name, which the right one takes when all of it is on disk. */
static bool fetch(struct client *c, const char *url, const char *dest, bool as_folder,
                  struct error *err)
{
    char part[PATH_MAX];
    bool ok;
    int fd;

    snprintf(part, sizeof part, "%s.part", dest);
    fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return error_system(err, "%s cannot be written", part);
    ok = client_download(c, url, fd, err) && (fsync(fd) == 0 || error_system(err, "%s", part));
    close(fd);
    if (ok && as_folder) {
        ok = (mkdir(dest, 0777) == 0 || errno == EEXIST || error_system(err, "%s", dest)) &&
             unpack(part, dest, err);
        unlink(part);
    } else if (ok) {
        ok = rename(part, dest) == 0 || error_system(err, "%s cannot be written", dest);
    }
    if (!ok)
        unlink(part);
    return ok;
}

struct wish {
    const char *job, *out, *format;
    bool        labelled, provisional;
};

static bool run_export(struct client *c, const struct wish *w, struct error *err)
{
    json_t *reply = NULL, *body = json_pack("{s:s, s:s, s:b}", "format", w->format, "scope",
                                            w->labelled ? "labelled" : "all", "provisional",
                                            w->provisional);
    size_t n = strlen(w->out);
    bool to_bucket = strncmp(w->out, "s3://", 5) == 0;
    bool as_folder = strcmp(w->format, "tree") == 0 && (n < 4 || strcmp(w->out + n - 4, ".tar"));
    char route[PATH_MAX];
    const char *url;
    struct arena a;
    bool ok = false;

    if (to_bucket)
        json_object_set_new(body, "to", json_string(w->out));
    arena_init(&a);
    snprintf(route, sizeof route, "/api/v1/jobs/%s/exports", client_escape(&a, w->job));
    if (!client_call(c, "POST", route, body, &reply, err))
        goto out;
    snprintf(route, sizeof route, "/api/v1/exports/%s",
             json_string_value(json_object_get(reply, "id")));
    json_decref(reply);
    reply = NULL;
    if (!client_wait(c, route, "export", &reply, err))
        goto out;
    url = json_string_value(json_object_get(reply, to_bucket ? "to" : "url"));
    if (!url || strcmp(json_string_value(json_object_get(reply, "state")), "done") != 0) {
        error_set(err, 1, "export.failed", "", "%s",
                  json_string_value(json_object_get(reply, "message")));
        goto out;
    }
    ok = to_bucket || fetch(c, url, w->out, as_folder, err);
    if (ok)
        printf("%s\t%lld lines\tsha256 %s\n", to_bucket ? url : w->out, number(reply, "lines"),
               json_string_value(json_object_get(reply, "sha256")));
out:
    json_decref(reply);
    arena_release(&a);
    return ok;
}

int command_export(int argc, char **argv)
{
    const char *data = "plumbline-data";
    struct wish w = {0};
    int format = EXPORT_MANIFEST;
    const struct option_spec options[] = {
        {.name = "data", .kind = OPTION_TEXT, .to = &data, .value_name = "DIR",
         .help = "Data folder; ./plumbline-data unless told"},
        {.name = "job", .kind = OPTION_TEXT, .to = &w.job, .value_name = "JOB", .required = true,
         .help = "Name or id of the job"},
        {.name = "format", .kind = OPTION_CHOICE, .to = &format, .choices = export_formats,
         .value_name = "FORMAT", .help = "manifest unless told"},
        {.name = "out", .kind = OPTION_TEXT, .to = &w.out, .value_name = "DEST",
         .required = true, .help = "A file; for tree a folder or a .tar; or s3://bucket/key"},
        {.name = "labelled", .kind = OPTION_SWITCH, .to = &w.labelled,
         .help = "Leave out items without a label"},
        {.name = "provisional", .kind = OPTION_SWITCH, .to = &w.provisional,
         .help = "With the machine's guesses that are not final, marked"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    struct client *c;
    bool ok;

    if (!options_parse(options, argc, argv, &args, &err))
        return command_fail("export", &err);
    if (args.help) {
        options_help(options, "export --job JOB --format FORMAT --out DEST",
                     "Takes a snapshot of the job's labels and writes it.");
        return 0;
    }
    if (args.n != 0) {
        error_set(&err, 2, "usage", "", "\"%s\" is one word too many; see --help", args.v[0]);
        return command_fail("export", &err);
    }
    w.format = export_formats[format];
    c = client_open(data, false, &err);
    ok = c && run_export(c, &w, &err);
    client_close(c);
    return ok ? 0 : command_fail("export", &err);
}
