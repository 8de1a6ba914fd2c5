-- 0004-item-ids.sql: an item's id says its job and its line: (job << 32) | line.
--
-- The items of a job are then one range of rows: no index over jobs, which cost an import a write a
-- line. Ids of jobs are never used again, so neither are those of items.

-- Old ids and new ones, in the order of the new.
CREATE TEMP TABLE renumbered(
  old INTEGER PRIMARY KEY,
  new INTEGER NOT NULL
);
INSERT INTO renumbered SELECT id, (job << 32) | line FROM item;

-- The hot part of an item. What the item is stands in payload: rewriting a state must not rewrite a
-- text of megabytes.
CREATE TABLE item_next(
  id        INTEGER PRIMARY KEY,                 -- (job << 32) | line; line is datasetObjectId, from 0
  state     INTEGER NOT NULL,                    -- enum item_state
  wanted    INTEGER NOT NULL,                    -- answers asked for
  taken     INTEGER NOT NULL DEFAULT 0,          -- slots leased or answered
  done      INTEGER NOT NULL DEFAULT 0,          -- slots answered
  rank      INTEGER NOT NULL DEFAULT 0,          -- place in front while open
  part      INTEGER NOT NULL DEFAULT 0,          -- what it is to the auto-labelling loop: enum learn_part
  class     INTEGER,                             -- of the current label
  posterior REAL,                                -- of the current label
  label     INTEGER                              -- the current label; NULL: none yet
) STRICT;
INSERT INTO item_next
  SELECT (job << 32) | line, state, wanted, taken, done, rank, part, class, posterior, label
  FROM item ORDER BY job, line;
DROP TABLE item;
ALTER TABLE item_next RENAME TO item;

-- Waiting items apart from the others: an import appends to the first, and answers, which move items
-- between the other states, never touch a page of it. Each is in the order of ids inside a state. A
-- query must say `state > 0` to be given the second.
CREATE INDEX item_waiting ON item(state) WHERE state = 0;
CREATE INDEX item_state ON item(state) WHERE state > 0;
CREATE INDEX item_class ON item(class) WHERE class IS NOT NULL;

CREATE TABLE payload_next(
  item    INTEGER PRIMARY KEY,
  line    TEXT    NOT NULL,                      -- the manifest line as it came
  key     TEXT,                                  -- the user's own id
  media   TEXT,                                  -- SHA-256 of the stored bytes, for images
  width   INTEGER NOT NULL DEFAULT 0,            -- upright
  height  INTEGER NOT NULL DEFAULT 0,
  orientation INTEGER NOT NULL DEFAULT 0,        -- EXIF, 1 to 8; 0: none
  failure TEXT                                   -- why the item is failed
) STRICT;
INSERT INTO payload_next
  SELECT new, line, key, media, width, height, orientation, failure
  FROM renumbered CROSS JOIN payload ON payload.item = old ORDER BY new;
DROP TABLE payload;
ALTER TABLE payload_next RENAME TO payload;

-- Keys of items, 64 bits of a hash each, in the order of the lines: 8 bytes a line and no index, so
-- that an import only appends. Who has to find one reads those of the whole job into memory.
CREATE TABLE key_run(
  first  INTEGER PRIMARY KEY,                    -- the item that the first hash belongs to
  hashes BLOB    NOT NULL                        -- 8 bytes each, little end first, of items first, first + 1 …
) STRICT;

-- What was added before there were runs. Nothing is added to it any more.
CREATE TABLE item_key_next(
  job  INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  PRIMARY KEY(job, hash)
) STRICT, WITHOUT ROWID;
INSERT INTO item_key_next SELECT job, hash FROM item_key ORDER BY job, hash;
DROP TABLE item_key;
ALTER TABLE item_key_next RENAME TO item_key;

-- Ranks were ids of items in jobs without auto-labelling. They stay as they are: front and item agree
-- on them, and what is opened from now on comes behind.
CREATE TEMP TABLE moved AS SELECT job, rank, new AS item FROM front JOIN renumbered ON old = item;
DELETE FROM front;
INSERT INTO front SELECT job, rank, item FROM moved;
DROP TABLE moved;
CREATE TEMP TABLE moved AS SELECT job, rank, new AS item FROM ask JOIN renumbered ON old = item;
DELETE FROM ask;
INSERT INTO ask SELECT job, rank, item FROM moved;
DROP TABLE moved;

CREATE TABLE slot_next(
  item    INTEGER NOT NULL,
  person  INTEGER NOT NULL,
  job     INTEGER NOT NULL,
  state   INTEGER NOT NULL,                      -- enum slot_state
  since   INTEGER NOT NULL,                      -- when it was leased
  until   INTEGER NOT NULL,                      -- end of the lease, on the lease clock
  answer  INTEGER,                               -- the answer that counts
  idem    BLOB,                                  -- key of the last answer sent
  draft   TEXT,                                  -- the browser's unfinished work
  draft_revision INTEGER NOT NULL DEFAULT 0,
  reason  TEXT,                                  -- of a skip
  comment TEXT,
  PRIMARY KEY(item, person)
) STRICT, WITHOUT ROWID;
INSERT INTO slot_next
  SELECT new, person, job, state, since, until, answer, idem, draft, draft_revision, reason, comment
  FROM slot JOIN renumbered ON old = item ORDER BY new, person;
DROP TABLE slot;
ALTER TABLE slot_next RENAME TO slot;
CREATE INDEX slot_until ON slot(until) WHERE state = 1;
CREATE INDEX slot_held ON slot(person, job) WHERE state = 1;

CREATE TEMP TABLE moved AS
  SELECT new AS item, job, person, due FROM settle JOIN renumbered ON old = item;
DELETE FROM settle;
INSERT INTO settle SELECT item, job, person, due FROM moved ORDER BY item;
DROP TABLE moved;
CREATE TEMP TABLE moved AS
  SELECT new AS item, job, class, p, model FROM guess JOIN renumbered ON old = item;
DELETE FROM guess;
INSERT INTO guess SELECT item, job, class, p, model FROM moved ORDER BY item;
DROP TABLE moved;

UPDATE answer SET item = (SELECT new FROM renumbered WHERE old = item);
UPDATE label SET item = (SELECT new FROM renumbered WHERE old = item);
UPDATE job SET filled = coalesce((SELECT new FROM renumbered WHERE old = filled), 0);
UPDATE model SET recipe = json_set(recipe, '$.labels', json((
    SELECT json_group_array(json_array(new, json_extract(value, '$[1]')))
    FROM json_each(recipe, '$.labels') CROSS JOIN renumbered
      ON old = json_extract(value, '$[0]'))));

-- Browsers that were open over the change still know their tasks by the old ids.
CREATE TABLE old_item(
  old  INTEGER PRIMARY KEY,
  item INTEGER NOT NULL
) STRICT;
INSERT INTO old_item SELECT old, new FROM renumbered
  WHERE new IN (SELECT item FROM slot) ORDER BY old;
DROP TABLE renumbered;

-- How far an import has come in its source, for those who wait.
ALTER TABLE import ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE import ADD COLUMN bytes_total INTEGER NOT NULL DEFAULT 0; -- 0: not known
