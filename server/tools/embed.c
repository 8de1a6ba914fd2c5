/* embed.c - builds files into the program.
 *
 *     embed OUT.c OUT.bin SET ROOT FILE… [-- SET ROOT FILE…]…
 *
 * All bytes, plain and gzipped, go one after another into OUT.bin; OUT.c takes that in with one
 * .incbin (compiling byte arrays would take seconds) and says what lies where. The content hash
 * covers the names and bytes of the sets "static" and "vendor", which the browser gets.
 */
#include "plumbline/base/arena.h"
#include "plumbline/base/embedded.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HASH_BYTES = 8, LEAST_GAIN = 64 };

static FILE *table, *blob; /* a tool that runs once: its state is its process */
static size_t written;
static crypto_hash_sha256_state hash;

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "embed: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

static unsigned char *read_file(const char *path, size_t *size)
{
    FILE *in = fopen(path, "rb");
    unsigned char *bytes = NULL;
    size_t n;

    if (!in)
        fail("cannot open", path);
    *size = 0;
    do {
        bytes = must_realloc(bytes, *size + 65536, 1);
        n = fread(bytes + *size, 1, 65536, in);
        *size += n;
    } while (n > 0);
    if (ferror(in))
        fail("cannot read", path);
    fclose(in);
    return bytes;
}

static size_t put_bytes(const unsigned char *bytes, size_t size)
{
    size_t at = written;

    if (fwrite(bytes, 1, size, blob) != size || fputc(0, blob) == EOF)
        fail("cannot write", "the bytes");
    written += size + 1; /* a NUL after each, so that texts can be used as they are */
    return at;
}

/* As a file of its own (gzip header, no time stamp): the same input gives the same bytes. */
static unsigned char *squeeze(const unsigned char *bytes, size_t size, size_t *out_size)
{
    z_stream z = {0};
    unsigned char *out;
    uLong bound;

    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("cannot compress", "");
    bound = deflateBound(&z, size);
    out = must_alloc(bound);
    z.next_in = (unsigned char *)(size_t)bytes;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)bound;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        fail("cannot compress", "");
    *out_size = z.total_out;
    deflateEnd(&z);
    return out;
}

static void put_file(const char *set, const char *root, const char *file)
{
    const char *path = strncmp(file, root, strlen(root)) == 0 ? file + strlen(root) : file;
    size_t size, gz_size, at;
    unsigned char *bytes = read_file(file, &size), *gz = squeeze(bytes, size, &gz_size);

    while (*path == '/')
        path++;
    if (strpbrk(path, "\"\\\n"))
        fail("unusable name", path);
    if (strcmp(set, "migrations") != 0) {
        crypto_hash_sha256_update(&hash, (const unsigned char *)path, strlen(path) + 1);
        crypto_hash_sha256_update(&hash, (const unsigned char *)&size, sizeof size);
        crypto_hash_sha256_update(&hash, bytes, size);
    }
    at = put_bytes(bytes, size);
    fprintf(table, "    {\"%s\", \"%s\", embedded_blob + %zu, %zu, ", path, mime_type(path), at,
            size);
    if (gz_size + LEAST_GAIN < size)
        fprintf(table, "embedded_blob + %zu, %zu},\n", put_bytes(gz, gz_size), gz_size);
    else
        fprintf(table, "NULL, 0},\n");
    free(bytes);
    free(gz);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* argv from `at`: SET ROOT FILE… up to "--" or the end. Returns where the next group starts. */
static int put_set(int argc, char **argv, int at, size_t number)
{
    int first = at + 2, end = first;

    if (first > argc)
        fail("a set without its folder:", argv[at]);
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    qsort(argv + first, (size_t)(end - first), sizeof *argv, by_name);
    fprintf(table, "static const struct embedded_file set_%zu[] = {\n", number);
    for (int i = first; i < end; i++)
        put_file(argv[at], argv[at + 1], argv[i]);
    fprintf(table, "    {NULL, NULL, NULL, 0, NULL, 0},\n};\n\n");
    return end + (end < argc);
}

static void put_index(char *const *names, size_t sets)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char text[HASH_BYTES * 2 + 1];

    fprintf(table, "const struct embedded_set embedded_sets[] = {\n");
    for (size_t i = 0; i < sets; i++)
        fprintf(table, "    {\"%s\", set_%zu, sizeof set_%zu / sizeof *set_%zu - 1},\n", names[i],
                i, i, i);
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(text, sizeof text, digest, HASH_BYTES);
    fprintf(table, "    {NULL, NULL, 0},\n};\n\nconst char embedded_content_hash[] = \"%s\";\n",
            text);
}

int main(int argc, char **argv)
{
    char *names[16];
    size_t sets = 0;

    if (argc < 5 || sodium_init() < 0) {
        fprintf(stderr, "usage: embed OUT.c OUT.bin SET ROOT FILE… [-- SET ROOT FILE…]…\n");
        return 2;
    }
    table = fopen(argv[1], "w");
    blob = fopen(argv[2], "wb");
    if (!table || !blob)
        fail("cannot write", table ? argv[2] : argv[1]);
    crypto_hash_sha256_init(&hash);
    fprintf(table, "/* Generated by server/tools/embed.c. */\n"
                   "#include \"server/base/embedded_table.h\"\n\n"
                   "__asm__(\".section .rodata\\n\"\n"
                   "        \"embedded_blob: .incbin \\\"%s\\\"\\n\"\n"
                   "        \".previous\\n\");\n"
                   "extern const unsigned char embedded_blob[];\n\n", argv[2]);
    for (int at = 3; at < argc && sets < 16; sets++) {
        names[sets] = argv[at];
        at = put_set(argc, argv, at, sets);
    }
    put_index(names, sets);
    if (fclose(table) != 0 || fclose(blob) != 0)
        fail("cannot write", argv[1]);
    return 0;
}
