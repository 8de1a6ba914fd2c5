-- 0002-work.sql: jobs, items, who holds what, answers, labels.

-- AUTOINCREMENT: an address of a deleted job, import or export never means another one later.
CREATE TABLE job(
  id                   INTEGER PRIMARY KEY AUTOINCREMENT,
  name                 TEXT    NOT NULL,
  name_key             TEXT    NOT NULL UNIQUE,  -- lower case: names are unique without regard to case
  title                TEXT    NOT NULL,
  type                 TEXT    NOT NULL,         -- a name of tasks/: image-classification …
  state                INTEGER NOT NULL,         -- enum job_state
  failure              TEXT,
  label_attribute      TEXT    NOT NULL,
  label_set_version    INTEGER NOT NULL,
  instructions         TEXT    NOT NULL,         -- Markdown
  instructions_version INTEGER NOT NULL DEFAULT 1,
  annotators_per_item  INTEGER NOT NULL,
  open_items           INTEGER NOT NULL,         -- most items with people at a time
  lease_seconds        INTEGER NOT NULL,
  consolidation        INTEGER NOT NULL,         -- enum consolidation
  auto_advance         INTEGER NOT NULL,
  auto_enabled         INTEGER NOT NULL,
  auto_target          REAL    NOT NULL,
  auto_max_human       INTEGER NOT NULL,         -- items; 0: no limit
  auto_max_share       INTEGER NOT NULL,         -- percent of the items; 0: no limit
  auto_all             INTEGER NOT NULL,         -- the promise is about the whole set, not the automatic labels
  created_by           INTEGER REFERENCES person,
  created              INTEGER NOT NULL,
  modified             INTEGER NOT NULL,
  started              INTEGER NOT NULL DEFAULT 0,
  finished             INTEGER NOT NULL DEFAULT 0,
  next_line            INTEGER NOT NULL DEFAULT 0, -- number of the next item's line
  filled               INTEGER NOT NULL DEFAULT 0, -- items up to this id have been opened once
  fitted_answers       INTEGER NOT NULL DEFAULT 0, -- answers behind the stored annotator estimates
  reconsolidated       INTEGER NOT NULL DEFAULT 0, -- 1: the full fit at the end is done
  loop                 TEXT                        -- JSON: state of the auto-labelling loop between rounds
) STRICT;

CREATE TABLE label_set(
  job     INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
  version INTEGER NOT NULL,
  labels  TEXT    NOT NULL,                      -- JSON, frozen
  created INTEGER NOT NULL,
  PRIMARY KEY(job, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_person(
  job    INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
  person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
  PRIMARY KEY(job, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_team(
  job  INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
  team INTEGER NOT NULL REFERENCES team ON DELETE CASCADE,
  PRIMARY KEY(job, team)
) STRICT, WITHOUT ROWID;

-- Maintained in the transaction that changes an item; a test checks them against a full count.
CREATE TABLE job_count(
  job         INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
  waiting     INTEGER NOT NULL DEFAULT 0,        -- items by state, see item.state
  open        INTEGER NOT NULL DEFAULT 0,
  answered    INTEGER NOT NULL DEFAULT 0,
  human       INTEGER NOT NULL DEFAULT 0,
  machine     INTEGER NOT NULL DEFAULT 0,
  failed      INTEGER NOT NULL DEFAULT 0,
  answers     INTEGER NOT NULL DEFAULT 0,        -- that count
  skips       INTEGER NOT NULL DEFAULT 0,
  provisional INTEGER NOT NULL DEFAULT 0         -- rows of guess on items without a label
) STRICT;

-- The hot part of an item. Ids grow with the line number inside a job, so that the order of ids is
-- the order of the manifest. What the item is stands in payload: rewriting a state must not rewrite
-- a text of megabytes.
CREATE TABLE item(
  id        INTEGER PRIMARY KEY,
  job       INTEGER NOT NULL,
  line      INTEGER NOT NULL,                    -- datasetObjectId, from 0
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
CREATE INDEX item_job ON item(job);
CREATE INDEX item_state ON item(job, state);
CREATE INDEX item_class ON item(job, class) WHERE class IS NOT NULL;

CREATE TABLE payload(
  item    INTEGER PRIMARY KEY,
  line    TEXT    NOT NULL,                      -- the manifest line as it came
  key     TEXT,                                  -- the user's own id
  media   TEXT,                                  -- SHA-256 of the stored bytes, for images
  width   INTEGER NOT NULL DEFAULT 0,            -- upright
  height  INTEGER NOT NULL DEFAULT 0,
  orientation INTEGER NOT NULL DEFAULT 0,        -- EXIF, 1 to 8; 0: none
  failure TEXT                                   -- why the item is failed
) STRICT;

-- Keys already seen: 64 bits of a hash of the user's id, or of the line and its occurrence number.
CREATE TABLE item_key(
  job  INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  item INTEGER NOT NULL,
  PRIMARY KEY(job, hash)
) STRICT, WITHOUT ROWID;

-- Open items with a free slot, best first: all that dispatch ever looks at.
CREATE TABLE front(
  job  INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  item INTEGER NOT NULL,
  PRIMARY KEY(job, rank, item)
) STRICT, WITHOUT ROWID;

-- One person and one item: leased, answered, skipped or let go. Nobody has two slots on one item.
CREATE TABLE slot(
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
CREATE INDEX slot_until ON slot(until) WHERE state = 1;
CREATE INDEX slot_held ON slot(person, job) WHERE state = 1;

CREATE TABLE answer(
  id         INTEGER PRIMARY KEY,
  item       INTEGER NOT NULL,
  person     INTEGER NOT NULL,
  job        INTEGER NOT NULL,
  status     INTEGER NOT NULL,                   -- enum answer_status
  class      INTEGER,                            -- for single-label types
  body       TEXT    NOT NULL,                   -- the answer as it was sent
  previous   INTEGER,                            -- the answer it supersedes
  idem       BLOB,                               -- key it was sent with
  label_set_version INTEGER NOT NULL,
  accepted   INTEGER NOT NULL,                   -- when the task was leased
  created    INTEGER NOT NULL,
  elapsed_ms INTEGER NOT NULL,
  active_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_job ON answer(job);
CREATE INDEX answer_person ON answer(person);

-- Items whose answers are complete and that wait for the end of the window of undo.
CREATE TABLE settle(
  item   INTEGER PRIMARY KEY,
  job    INTEGER NOT NULL,
  person INTEGER NOT NULL,                       -- who completed it: the next answer ends the window
  due    INTEGER NOT NULL                        -- on the lease clock
) STRICT;
CREATE INDEX settle_due ON settle(due);
CREATE INDEX settle_person ON settle(person);

CREATE TABLE label(
  id         INTEGER PRIMARY KEY,
  item       INTEGER NOT NULL,
  job        INTEGER NOT NULL,
  origin     INTEGER NOT NULL,                   -- 1 human, 2 machine
  class      INTEGER,
  posterior  REAL    NOT NULL,                   -- calibrated
  confidence REAL    NOT NULL,                   -- as exported: two decimals, 0.00 for one answer
  posteriors TEXT,                               -- JSON [[class, p], …], the ten largest
  method     INTEGER NOT NULL,                   -- enum consolidation
  answers    INTEGER NOT NULL,
  model      INTEGER,
  round      INTEGER,
  estimate   REAL,                               -- machine labels: estimated accuracy of its kind
  label_set_version INTEGER NOT NULL,
  created    INTEGER NOT NULL,
  previous   INTEGER                             -- the label it supersedes
) STRICT;
CREATE INDEX label_job ON label(job);

-- What the last fit says of each annotator of a job.
CREATE TABLE annotator(
  job       INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
  person    INTEGER NOT NULL,
  answers   INTEGER NOT NULL DEFAULT 0,          -- that count; maintained with every answer
  active_ms INTEGER NOT NULL DEFAULT 0,
  fitted    INTEGER NOT NULL DEFAULT 0,          -- answers behind the estimate
  accuracy  REAL,
  PRIMARY KEY(job, person)
) STRICT, WITHOUT ROWID;

-- Answers and machine labels by hour, for the dashboard.
CREATE TABLE activity(
  job       INTEGER NOT NULL,
  hour      INTEGER NOT NULL,                    -- hours since 1970, UTC
  person    INTEGER NOT NULL,                    -- 0: the machine
  answers   INTEGER NOT NULL,
  active_ms INTEGER NOT NULL,
  PRIMARY KEY(job, hour, person)
) STRICT, WITHOUT ROWID;

-- The same by minute, without the people, for a job's first hours; older rows are swept.
CREATE TABLE pulse(
  job     INTEGER NOT NULL,
  minute  INTEGER NOT NULL,                      -- minutes since 1970, UTC
  answers INTEGER NOT NULL,
  machine INTEGER NOT NULL,
  PRIMARY KEY(job, minute)
) STRICT, WITHOUT ROWID;

-- Current labels by class, for the dashboard; maintained when a label is applied.
CREATE TABLE class_count(
  job     INTEGER NOT NULL,
  class   INTEGER NOT NULL,
  human   INTEGER NOT NULL DEFAULT 0,
  machine INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(job, class)
) STRICT, WITHOUT ROWID;
