/* schema.c - the migrations that are embedded in the program. */
#include "plumbline/store/schema.h"

#include "plumbline/base/embedded.h"

#include <stdlib.h>

enum { MIGRATIONS_MAX = 1000 };

int schema_newest(void)
{
    int count = 0;

    while (embedded_at("migrations", (size_t)count))
        count++;
    return count;
}

bool schema_migrate(struct db *db, struct error *err)
{
    struct migration list[MIGRATIONS_MAX];
    const struct embedded_file *f;
    int count = 0;

    while (count < MIGRATIONS_MAX && (f = embedded_at("migrations", (size_t)count))) {
        list[count] = (struct migration){.number = (int)strtol(f->path, NULL, 10),
                                         .name = f->path,
                                         .sql = (const char *)f->bytes};
        if (list[count].number != count + 1)
            return error_internal(err, "The migration %s is out of order.", f->path);
        count++;
    }
    return db_migrate(db, list, count, err);
}

bool schema_touch(struct db *db, struct error *err)
{
    static const char sql[] = "UPDATE lease_clock SET one = 1 WHERE one = 1";

    return stmt_run(db_stmt(db, sql), err);
}
