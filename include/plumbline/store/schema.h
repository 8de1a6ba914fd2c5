/* schema.h - bringing a database up to the schema of this program. */
#ifndef PLUMBLINE_STORE_SCHEMA_H
#define PLUMBLINE_STORE_SCHEMA_H

#include "plumbline/db/db.h"

/* Applies the embedded migrations that the database has not seen. Errors as db_migrate. */
bool schema_migrate(struct db *db, struct error *err);

/* The schema number of this program: that of its newest migration. */
int schema_newest(void);

/* Writes a row as it is: shows whether the database can be written to. */
bool schema_touch(struct db *db, struct error *err);

#endif
