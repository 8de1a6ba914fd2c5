/* backup.c - `plumbline backup` and `plumbline restore`.
 *
 * The service makes the archive and writes it into a pipe in its data folder; this side reads the pipe
 * and writes the file. So the file is written with the rights of whoever asked, to any disk, and lies
 * nowhere twice. */
#include "begin.h"
#include "client.h"
#include "plumbline/base/clock.h"
#include "plumbline/cli/commands.h"
#include "plumbline/engine/backups.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 << 10, POLL_MS = 250 };

/* ---- what an interrupt must not leave ---- */

static char part_path[PATH_MAX], pipe_path[PATH_MAX];

static void on_interrupt(int number)
{
    if (*part_path)
        unlink(part_path);
    if (*pipe_path)
        unlink(pipe_path);
    _exit(128 + number);
}

static void catch_interrupts(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction act = {.sa_handler = on_interrupt};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &act, NULL);
}

/* ---- the pipe ---- */

/* For a command of root's beside a service of somebody else: the pipe is the folder's owner's. */
static bool make_pipe(const char *data_dir, int *fd, struct error *err)
{
    char folder[PATH_MAX];
    struct stat st;

    snprintf(folder, sizeof folder, "%s/backups", data_dir);
    snprintf(pipe_path, sizeof pipe_path, "%s/.plumbline-pipe-%ld", folder, (long)getpid());
    unlink(pipe_path);
    if (mkfifo(pipe_path, 0600) != 0)
        return error_system(err, "%.300s cannot be made", pipe_path);
    if (geteuid() == 0 && stat(folder, &st) == 0 && chown(pipe_path, st.st_uid, st.st_gid) != 0)
        return error_system(err, "%.300s cannot be given to the service", pipe_path);
    *fd = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return *fd >= 0 || error_system(err, "%.300s cannot be read", pipe_path);
}

static void drop_pipe(int fd)
{
    if (fd >= 0)
        close(fd);
    if (*pipe_path)
        unlink(pipe_path);
    pipe_path[0] = '\0';
}

/* ---- following ---- */

struct follow {
    struct client *client;
    char           route[200];
    int            in, out;
    int64_t        bytes, shown;
    bool           tell;
};

static void show(struct follow *f, bool last)
{
    if (!f->tell || (!last && clock_monotonic_us() < f->shown + 200000))
        return;
    f->shown = clock_monotonic_us();
    fprintf(stderr, "\r\033[Kbackup: %.1f MB%s", (double)f->bytes / 1e6, last ? "\n" : " …");
}

static bool write_all(int fd, const char *p, size_t size, struct error *err)
{
    while (size > 0) {
        ssize_t n = write(fd, p, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(err, "The backup cannot be written");
        p += n;
        size -= (size_t)n;
    }
    return true;
}

/* "running", "done", or false with why it failed. */
static bool ask_state(struct follow *f, bool *over, int64_t *bytes, struct error *err)
{
    json_t *reply = NULL;
    const char *state, *message;
    bool ok;

    if (!client_call(f->client, "GET", f->route, NULL, &reply, err))
        return false;
    state = json_string_value(json_object_get(reply, "state"));
    message = json_string_value(json_object_get(reply, "message"));
    *bytes = json_integer_value(json_object_get(reply, "bytes"));
    *over = !state || strcmp(state, "running") != 0;
    ok = !*over || (state && strcmp(state, "done") == 0) ||
         error_set(err, 1, "backup.failed", "", "%s", message ? message : "The backup failed.");
    json_decref(reply);
    return ok;
}

/* Reads until the other end has come and gone, and the service says that it is done. */
static bool follow(struct follow *f, struct error *err)
{
    char *bytes = must_alloc(PIECE);
    bool over = false, ok = true;
    int64_t told = 0;

    while (ok) {
        struct pollfd p = {.fd = f->in, .events = POLLIN};
        ssize_t n = 0;

        if (poll(&p, 1, POLL_MS) > 0)
            n = read(f->in, bytes, PIECE);
        if (n > 0) {
            ok = write_all(f->out, bytes, (size_t)n, err);
            f->bytes += n;
            show(f, false);
            continue;
        }
        if (over)
            break; /* nothing came after the end was told */
        ok = ask_state(f, &over, &told, err);
        if (ok && !over && (p.revents & POLLHUP))
            poll(NULL, 0, 20);
    }
    show(f, true);
    free(bytes);
    return ok && (f->bytes == told ||
                  error_set(err, 1, "backup.cut", "", "The backup was cut off: %lld of %lld bytes "
                            "came.", (long long)f->bytes, (long long)told));
}

struct wish {
    const char *data, *file;
    bool        db_only, secrets;
};

static bool stream(struct client *c, const struct wish *w, int out, int64_t *bytes,
                   struct error *err)
{
    struct follow f = {.client = c, .in = -1, .out = out, .tell = isatty(STDERR_FILENO)};
    json_t *reply = NULL;
    bool ok;

    ok = make_pipe(w->data, &f.in, err) &&
         client_call(c, "POST", "/api/v1/backups",
                     json_pack("{s:s, s:b, s:b, s:s}", "compression",
                               backup_compressions[backup_compression_of(w->file)], "db_only",
                               w->db_only, "secrets", w->secrets, "pipe",
                               strrchr(pipe_path, '/') + 1),
                     &reply, err);
    if (ok) {
        snprintf(f.route, sizeof f.route, "/api/v1/backups/%s",
                 json_string_value(json_object_get(reply, "id")));
        ok = follow(&f, err);
    }
    json_decref(reply);
    drop_pipe(f.in);
    *bytes = f.bytes;
    return ok;
}

/* ---- the file ---- */

static bool read_back(int fd, struct backup_contents *c, struct arena *a, struct error *err)
{
    return (lseek(fd, 0, SEEK_SET) == 0 || error_system(err, "The backup cannot be read back")) &&
           backup_read(fd, NULL, a, c, NULL, err);
}

static bool sync_folder_of(const char *file, struct error *err)
{
    char copy[PATH_MAX];
    int fd;
    bool ok;

    snprintf(copy, sizeof copy, "%s", file);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        error_system(err, "The folder of %.300s cannot be synced", file);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool to_file(struct client *c, const struct wish *w, struct error *err)
{
    struct backup_contents contents;
    struct arena a;
    int64_t bytes;
    bool ok;
    int fd;

    snprintf(part_path, sizeof part_path, "%s.part-%ld", w->file, (long)getpid());
    fd = open(part_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_system(err, "%.300s cannot be written", part_path);
        part_path[0] = '\0';
        return false;
    }
    arena_init(&a);
    ok = stream(c, w, fd, &bytes, err) &&
         (fsync(fd) == 0 || error_system(err, "%.300s cannot be written", w->file)) &&
         read_back(fd, &contents, &a, err) &&
         (rename(part_path, w->file) == 0 ||
          error_system(err, "%.300s cannot be written", w->file)) &&
         sync_folder_of(w->file, err);
    close(fd);
    if (!ok)
        unlink(part_path);
    part_path[0] = '\0';
    if (ok)
        printf("%s\t%lld bytes\t%lld jobs, %lld items, %lld answers\tverified\n", w->file,
               (long long)bytes, (long long)contents.jobs, (long long)contents.items,
               (long long)contents.answers);
    arena_release(&a);
    return ok;
}

static bool run_backup(struct client *c, const struct wish *w, struct error *err)
{
    int64_t bytes;

    if (strcmp(w->file, "-") != 0)
        return to_file(c, w, err);
    if (isatty(STDOUT_FILENO))
        return error_set(err, 2, "usage", "", "A backup is not for a terminal; redirect the output.");
    return stream(c, w, STDOUT_FILENO, &bytes, err);
}

static const struct command_form backup_form = {
    .synopsis = "backup FILE",
    .help =
        "Writes database and pictures, as they are at one moment, to one archive, while the\n"
        "service runs or without it. A FILE ending in .tar.gz or .tar.zst is compressed; - is\n"
        "standard output. The file appears when it is whole and was read back.",
    .words = 1,
    .wanted = "give one FILE; see --help",
};

int command_backup(int argc, char **argv)
{
    struct wish w = {.data = "plumbline-data"};
    const struct option_spec options[] = {
        DATA_OPTION(&w.data),
        {.name = "db-only", .kind = OPTION_SWITCH, .to = &w.db_only,
         .help = "The database without the pictures"},
        {.name = "with-secrets", .kind = OPTION_SWITCH, .to = &w.secrets,
         .help = "With secret.key, which opens the stored secrets: keep the file safe"},
        {.kind = OPTION_END}};
    struct arguments args;
    struct error err = {0};
    int status;
    struct client *c;
    bool ok;

    if (!command_begin(&backup_form, options, argc, argv, &args, &status))
        return status;
    w.file = args.v[0];
    if (strncmp(w.file, "s3://", 5) == 0) {
        error_set(&err, 1, "s3.unsupported", "", "\"%.200s\": buckets cannot be used yet; give a "
                  "path.", w.file);
        return command_fail("backup", &err);
    }
    catch_interrupts();
    c = client_open(w.data, false, &err);
    ok = c && run_backup(c, &w, &err);
    client_close(c);
    return ok ? 0 : command_fail("backup", &err);
}

/* ---- restore ---- */

static void report(const char *data, const struct restore_report *r)
{
    char when[CLOCK_TEXT_SIZE];

    if (r->from_archive)
        printf("%s restored: the backup of %s with %lld jobs, %lld items, %lld answers, %lld "
               "pictures and files\n", data, clock_text(r->created, when), (long long)r->jobs,
               (long long)r->items, (long long)r->answers, (long long)r->blobs);
    else
        printf("%s restored: the database of schema %d (%lld bytes); pictures are as they were\n",
               data, r->schema, (long long)r->database_bytes);
    if (*r->aside)
        printf("what was there is kept in %s; remove it when you are content\n", r->aside);
    if (r->from_archive && !r->secrets)
        printf("secret.key is not part of this backup: the folder's own is used, or a new one is "
               "made\n");
}

static const struct command_form restore_form = {
    .synopsis = "restore FILE",
    .help =
        "Puts a backup into a data folder, while no service runs on it. FILE is what `backup`\n"
        "wrote, or one of DIR/backups; - is standard input. It is checked whole before\n"
        "anything is changed.",
    .words = 1,
    .wanted = "give one FILE; see --help",
};

int command_restore(int argc, char **argv)
{
    const char *data = "plumbline-data";
    bool force = false;
    const struct option_spec options[] = {
        {.name = "data", .kind = OPTION_TEXT, .to = &data, .value_name = "DIR",
         .help = "Data folder, made when missing; ./plumbline-data unless told"},
        {.name = "force", .kind = OPTION_SWITCH, .to = &force,
         .help = "Replace the database that is there; it is kept aside"},
        {.kind = OPTION_END}};
    struct restore_report r;
    struct arguments args;
    struct error err = {0};
    int status;

    if (!command_begin(&restore_form, options, argc, argv, &args, &status))
        return status;
    if (!restore_run(args.v[0], data, force, &r, &err))
        return command_fail("restore", &err);
    report(data, &r);
    return 0;
}
