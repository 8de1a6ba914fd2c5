-- 0006-lists.sql: every filter of the items list has its index.

-- Whose answers are where, in the order of lines. It follows the answers with the mark of `booked`,
-- many at once; a row stays when an answer is taken back, so who reads it asks `slot` as well.
CREATE TABLE answered(
  person INTEGER NOT NULL,
  item   INTEGER NOT NULL,
  PRIMARY KEY(person, item)
) STRICT, WITHOUT ROWID;
INSERT INTO answered SELECT person, item FROM slot WHERE state = 2 ORDER BY person, item;

-- A job's labels, the least sure first.
CREATE INDEX item_doubt ON item(id >> 32, posterior) WHERE posterior IS NOT NULL;
