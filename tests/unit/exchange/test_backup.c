/* A backup's archive: written, read, and refused when it is anything else. */
#include "../../../server/exchange/backup_parts.h"
#include "../check.h"
#include "plumbline/base/buf.h"
#include "plumbline/exchange/backup.h"

#include <archive.h>
#include <archive_entry.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

static char database_bytes[] = "a database, or so";
static char sha256[65], blob_name[80], blob_bytes[] = "a picture";

static void digest(const char *bytes, char hex[65])
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)bytes, strlen(bytes));
    sodium_bin2hex(hex, 65, hash, sizeof hash);
}

static bool put(void *context, const void *bytes, size_t size, struct error *err)
{
    (void)err;
    return buf_add(context, bytes, size);
}

static int file_of(const char *bytes)
{
    char path[] = "/tmp/plumbline-backup-XXXXXX";
    int fd = mkstemp(path);

    unlink(path);
    if (write(fd, bytes, strlen(bytes)) < 0)
        perror("write");
    return fd;
}

static const struct backup_contents contents = {.version = "0.1.0", .schema = 5, .created = 1,
                                                .database_bytes = sizeof database_bytes - 1,
                                                .database_sha256 = sha256, .jobs = 2, .items = 3,
                                                .answers = 4, .labels = 1, .people = 1,
                                                .blobs = true};

static bool write_good(enum backup_compression compression, struct buf *out)
{
    struct error err = {0};
    struct backup_writer *w = backup_writer_new(compression, put, out, &err);
    int database = file_of(database_bytes), blob = file_of(blob_bytes);
    bool ok = w && backup_write_contents(w, &contents, &err) &&
              backup_write_file(w, "plumbline.db", database, contents.database_bytes, &err) &&
              backup_write_file(w, blob_name, blob, sizeof blob_bytes - 1, &err) &&
              backup_write_end(w, &err);

    backup_writer_free(w);
    close(database);
    close(blob);
    return ok;
}

static bool read_it(const struct buf *b, size_t size, struct error *err)
{
    struct backup_contents c;
    struct backup_totals t;
    struct arena a;
    bool ok;

    arena_init(&a);
    *err = (struct error){0};
    ok = backup_read_bytes(b->data, size, NULL, &a, &c, &t, err);
    if (ok)
        ok = c.items == 3 && t.blobs == 1 && t.blob_bytes == sizeof blob_bytes - 1;
    arena_release(&a);
    return ok;
}

static void test_good(void)
{
    for (int i = 0; i < 3; i++) {
        struct buf b;
        struct error err;
        int wrong = 0;

        buf_init(&b, 1 << 20);
        CHECK(backup_compressions[i], write_good((enum backup_compression)i, &b));
        CHECK("is read", read_it(&b, b.size, &err));
        /* Cut anywhere before the last entry's bytes it is refused; a plain tar ends in 1024 zero
         * bytes and an entry is padded to 512. */
        for (size_t n = 0; n + 2048 < b.size || (i > 0 && n + 16 < b.size); n += i ? 1 : 7)
            wrong += read_it(&b, n, &err) || err.status != 422;
        CHECK_INT("and refused when it is cut", wrong, 0);
        buf_release(&b);
    }
}

static void test_flipped(void)
{
    struct buf b;
    struct error err;
    char *at;

    buf_init(&b, 1 << 20);
    write_good(BACKUP_PLAIN, &b);
    at = memmem(b.data, b.size, database_bytes, sizeof database_bytes - 1);
    at[3] ^= 1;
    CHECK("other bytes of the database", !read_it(&b, b.size, &err));
    CHECK("are named", strstr(err.message, "plumbline.db") && strstr(err.message, "SHA-256"));
    at[3] ^= 1;
    at = memmem(b.data, b.size, blob_bytes, sizeof blob_bytes - 1);
    at[0] ^= 1;
    CHECK("other bytes of a picture", !read_it(&b, b.size, &err) &&
                                          strstr(err.message, "SHA-256"));
    buf_release(&b);
}

/* ---- archives that somebody else made ---- */

struct piece {
    const char *name, *text; /* text NULL: the database */
    int         type;        /* 0: a plain file */
    const char *link;
};

static la_ssize_t to_buf(struct archive *tar, void *context, const void *bytes, size_t size)
{
    (void)tar;
    buf_add(context, bytes, size);
    return (la_ssize_t)size;
}

static void write_pieces(const struct piece *v, size_t n, struct buf *out)
{
    struct archive *tar = archive_write_new();

    archive_write_set_format_pax_restricted(tar);
    archive_write_open(tar, out, NULL, to_buf, NULL);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *e = archive_entry_new();
        const char *text = v[i].text ? v[i].text : database_bytes;

        archive_entry_set_pathname(e, v[i].name);
        archive_entry_set_filetype(e, v[i].type ? (unsigned)v[i].type : AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, v[i].type ? 0 : (la_int64_t)strlen(text));
        if (v[i].link && v[i].type == AE_IFLNK)
            archive_entry_set_symlink(e, v[i].link);
        else if (v[i].link)
            archive_entry_set_hardlink(e, v[i].link);
        archive_write_header(tar, e);
        if (!v[i].type && !v[i].link)
            archive_write_data(tar, text, strlen(text));
        archive_entry_free(e);
    }
    archive_write_close(tar);
    archive_write_free(tar);
}

static char head[1000];
static const char end[] = "{\"blobs\":0,\"blob_bytes\":0}";

static void test_refused(void)
{
    static const struct {
        const char  *why;
        struct piece v[4];
        const char  *says;
    } rows[] = {
        {"nothing", {{0}}, "empty"},
        {"another archive", {{"readme.txt", "hello", 0, NULL}}, "does not belong"},
        {"a path that climbs out", {{"contents.json", head, 0, NULL},
         {"../plumbline.db", NULL, 0, NULL}}, "does not belong"},
        {"an absolute path", {{"contents.json", head, 0, NULL},
         {"/etc/plumbline.db", NULL, 0, NULL}}, "does not belong"},
        {"a blob that climbs out", {{"contents.json", head, 0, NULL},
         {"plumbline.db", NULL, 0, NULL}, {"blobs/../../x", "x", 0, NULL}}, "does not belong"},
        {"a symbolic link", {{"contents.json", head, 0, NULL},
         {"plumbline.db", NULL, AE_IFLNK, "/etc/passwd"}}, "not a plain file"},
        {"a hard link", {{"contents.json", head, 0, NULL},
         {"plumbline.db", NULL, 0, "contents.json"}}, "not a plain file"},
        {"a folder", {{"contents.json", head, 0, NULL}, {"blobs", NULL, AE_IFDIR, NULL}},
         "not a plain file"},
        {"a device", {{"contents.json", head, 0, NULL}, {"plumbline.db", NULL, AE_IFCHR, NULL}},
         "not a plain file"},
        {"no contents", {{"plumbline.db", NULL, 0, NULL}}, "where it should not be"},
        {"two databases", {{"contents.json", head, 0, NULL}, {"plumbline.db", NULL, 0, NULL},
         {"plumbline.db", NULL, 0, NULL}}, "where it should not be"},
        {"a key that was not announced", {{"contents.json", head, 0, NULL},
         {"plumbline.db", NULL, 0, NULL}, {"secret.key", "k", 0, NULL}}, "where it should not be"},
        {"another database", {{"contents.json", head, 0, NULL},
         {"plumbline.db", "short", 0, NULL}}, "another size"},
        {"no end", {{"contents.json", head, 0, NULL}, {"plumbline.db", NULL, 0, NULL}}, "end"},
        {"missing blobs", {{"contents.json", head, 0, NULL}, {"plumbline.db", NULL, 0, NULL},
         {"end.json", "{\"blobs\":1,\"blob_bytes\":9}", 0, NULL}}, "missing"},
        {"something behind the end", {{"contents.json", head, 0, NULL},
         {"plumbline.db", NULL, 0, NULL}, {"end.json", end, 0, NULL},
         {"end.json", end, 0, NULL}}, "where it should not be"},
        {"contents that are no JSON", {{"contents.json", "{", 0, NULL}}, "contents.json"},
        {"contents of something else", {{"contents.json", "{\"format\":\"x\"}", 0, NULL}},
         "contents.json"},
        {"a newer format", {{"contents.json", "{\"format_version\":2,\"x\":1}", 0, NULL}},
         "newer Plumbline"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error err;
        struct buf b;
        size_t n = 0;

        buf_init(&b, 1 << 20);
        while (n < 4 && rows[i].v[n].name)
            n++;
        write_pieces(rows[i].v, n, &b);
        CHECK(rows[i].why, !read_it(&b, b.size, &err) && strstr(err.message, rows[i].says));
        if (!strstr(err.message, rows[i].says))
            printf("# %s\n", err.message);
        buf_release(&b);
    }
}

static void test_small(void)
{
    struct error err;
    struct buf b;

    buf_init(&b, 1000);
    buf_puts(&b, "This is a text, not an archive, but it is long enough to be looked at.");
    CHECK("a text is no backup", !read_it(&b, b.size, &err) && err.status == 422);
    CHECK("and is said not to be one", strstr(err.message, "not a backup"));
    buf_release(&b);
    CHECK_INT(".tar", backup_compression_of("x.tar"), BACKUP_PLAIN);
    CHECK_INT(".tgz", backup_compression_of("x.tgz"), BACKUP_GZIP);
    CHECK_INT(".zst", backup_compression_of("x.tar.zst"), BACKUP_ZSTD);
    CHECK_INT("-", backup_compression_of("-"), BACKUP_PLAIN);
    CHECK("a blob's name", backup_is_blob(blob_name));
    CHECK("in the wrong folder", !backup_is_blob("blobs/zz/00000000000000000000000000000000000000"
                                                 "00000000000000000000000000"));
    CHECK("too short", !backup_is_blob("blobs/ab/ab") && !backup_is_blob("") &&
                           !backup_is_blob("blobs/"));
}

int main(void)
{
    char hex[65];

    if (sodium_init() < 0)
        return 1;
    digest(database_bytes, sha256);
    digest(blob_bytes, hex);
    snprintf(blob_name, sizeof blob_name, "blobs/%.2s/%s", hex, hex);
    snprintf(head, sizeof head, "{\"format\":\"plumbline-backup\",\"format_version\":1,"
             "\"version\":\"0.1.0\",\"schema\":5,\"created\":1,\"database_bytes\":%zu,"
             "\"database_sha256\":\"%s\",\"people\":1,\"jobs\":2,\"items\":3,\"answers\":4,"
             "\"labels\":1,\"secrets\":false,\"blobs\":true}", sizeof database_bytes - 1, sha256);
    test_good();
    test_flipped();
    test_refused();
    test_small();
    return check_done();
}
