/* group.h - one commit of the writer. */
#ifndef DB_GROUP_H
#define DB_GROUP_H

#include "plumbline/db/writer.h"

/* Runs the pieces and commits. Each piece's error is set; false when the commit failed and nothing
 * of the group is on disk. What was touched is in db->touched. */
bool group_commit(struct db *db, struct write *group, struct error *err);

#endif
