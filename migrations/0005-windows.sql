-- 0005-windows.sql: windows of undo are in memory, and the counters of people follow the answers.

DROP TABLE settle;

-- What somebody holds; with the ends, so that one look over the leases finds those that are over.
DROP INDEX slot_until;
DROP INDEX slot_held;
CREATE INDEX slot_held ON slot(person, job, until) WHERE state = 1;

-- The answers up to this one are in annotator, person.answers, activity and pulse.
CREATE TABLE booked(
  one    INTEGER PRIMARY KEY CHECK(one = 1),
  answer INTEGER NOT NULL
) STRICT;
INSERT INTO booked SELECT 1, coalesce(max(id), 0) FROM answer;
