/* bulk.c - the yardstick of import and export: one thread, jansson and SQLite, nothing else.
 *
 *   bulk import FILE DB      parses every line, stores it, commits a thousand rows at a time
 *   bulk export DB FILE      reads every line in order and writes it down
 *
 * Prints the seconds it took. */
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROWS_A_COMMIT = 1000 };

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bulk: %s\n", what);
    exit(1);
}

static void sql(sqlite3 *db, const char *text)
{
    must(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *text)
{
    sqlite3_stmt *q;

    must(sqlite3_prepare_v2(db, text, -1, &q, NULL) == SQLITE_OK, text);
    return q;
}

static void import(sqlite3 *db, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    sqlite3_stmt *q;
    int n = 0;

    must(f != NULL, "no such file");
    sql(db, "CREATE TABLE item(id INTEGER PRIMARY KEY, line TEXT NOT NULL, state INTEGER) STRICT");
    q = prepare(db, "INSERT INTO item(line, state) VALUES(?1, 0)");
    sql(db, "BEGIN");
    while ((size = getline(&line, &room, f)) > 0) {
        json_t *object = json_loadb(line, (size_t)size, 0, NULL);

        must(json_is_string(json_object_get(object, "source")), "a line without source");
        json_decref(object);
        sqlite3_bind_text(q, 1, line, (int)size - 1, SQLITE_STATIC);
        must(sqlite3_step(q) == SQLITE_DONE, "insert");
        sqlite3_reset(q);
        if (++n % ROWS_A_COMMIT == 0)
            sql(db, "COMMIT; BEGIN");
    }
    sql(db, "COMMIT");
    sqlite3_finalize(q);
    free(line);
    fclose(f);
}

static void export(sqlite3 *db, const char *path)
{
    FILE *f = fopen(path, "w");
    sqlite3_stmt *q = prepare(db, "SELECT line FROM item ORDER BY id");

    must(f != NULL, "the file cannot be made");
    while (sqlite3_step(q) == SQLITE_ROW) {
        fwrite(sqlite3_column_text(q, 0), 1, (size_t)sqlite3_column_bytes(q, 0), f);
        fputc('\n', f);
    }
    sqlite3_finalize(q);
    must(fflush(f) == 0 && fsync(fileno(f)) == 0 && fclose(f) == 0, "writing failed");
}

int main(int argc, char **argv)
{
    struct timespec a, b;
    sqlite3 *db;
    int in = argc > 3 && strcmp(argv[1], "import") == 0;

    if (argc < 4)
        return 2;
    clock_gettime(CLOCK_MONOTONIC, &a);
    must(sqlite3_open(argv[in ? 3 : 2], &db) == SQLITE_OK, "open");
    sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000");
    (in ? import : export)(db, argv[in ? 2 : 3]);
    sqlite3_close(db);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.4f\n", (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9);
    return 0;
}
