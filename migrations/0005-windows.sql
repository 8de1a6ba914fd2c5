-- 0005-windows.sql: windows of undo and held leases are in memory, and the counters of
-- people follow the answers.

DROP TABLE settle;

-- Who holds what is in memory, loaded by the index over the ends of leases.
DROP INDEX slot_held;

-- The answers up to this one are in annotator, person.answers, activity and pulse.
CREATE TABLE booked(
  one    INTEGER PRIMARY KEY CHECK(one = 1),
  answer INTEGER NOT NULL
) STRICT;
-- The answers of a person, as far as they are booked: written a few times a second for all people at
-- once, since each person's entries are on a page of their own.
DROP INDEX answer_person;
CREATE TABLE answer_by(
  person INTEGER NOT NULL,
  answer INTEGER NOT NULL,
  PRIMARY KEY(person, answer)
) STRICT, WITHOUT ROWID;
INSERT INTO answer_by SELECT person, id FROM answer ORDER BY person, id;

INSERT INTO booked SELECT 1, coalesce(max(id), 0) FROM answer;
