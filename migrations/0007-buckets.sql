-- 0007-buckets.sql: buckets as source and destination, and what clients of the AWS door say.

-- ---- jobs ----
ALTER TABLE job ADD COLUMN description TEXT NOT NULL DEFAULT '';  -- plain text for annotators, above the instructions
ALTER TABLE job ADD COLUMN output TEXT;                           -- s3://bucket/prefix of the output tree; NULL: none
ALTER TABLE job ADD COLUMN availability_seconds INTEGER NOT NULL DEFAULT 0; -- an open item leaves people after it; 0: never
ALTER TABLE job ADD COLUMN initial_model INTEGER;                 -- whose opinion the loop begins with

-- When the open items of jobs with availability_seconds leave people. An item that is open no more
-- keeps its row at the longest until then.
CREATE TABLE opened(
  item INTEGER PRIMARY KEY,
  due  INTEGER NOT NULL                          -- on the lease clock
) STRICT;
CREATE INDEX opened_due ON opened(item >> 32, due);

-- ---- pictures and manifests in buckets ----
ALTER TABLE payload ADD COLUMN remote TEXT;      -- s3:// URI of the picture; NULL: media says where it is
ALTER TABLE import ADD COLUMN etag TEXT;         -- of the object that is read; NULL: no object

-- Where a job's pictures lie: for those who must know before they have read every item.
CREATE TABLE job_bucket(
  job    INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
  bucket TEXT    NOT NULL,
  PRIMARY KEY(job, bucket)
) STRICT, WITHOUT ROWID;

-- ---- the output tree, as it is written ----
CREATE TABLE output(
  job      INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
  label    INTEGER NOT NULL DEFAULT 0,           -- labels up to this id are in deliveries
  manifest INTEGER NOT NULL DEFAULT 0,           -- when output.manifest was last written
  shown    INTEGER NOT NULL DEFAULT 0,           -- what label was then
  failed   INTEGER NOT NULL DEFAULT 0,           -- how many items had failed then
  round    INTEGER NOT NULL DEFAULT 0,           -- training rounds up to this number are written
  done     INTEGER NOT NULL DEFAULT 0,           -- when the whole tree of the ended job was there; 0: not yet
  problem  TEXT,                                 -- why writing waits; NULL: it does not
  since    INTEGER NOT NULL DEFAULT 0            -- since when
) STRICT;
CREATE INDEX job_output ON job(id) WHERE output IS NOT NULL;

-- A range of the job's labels that is written together: what it says never changes, so that it can be
-- written again after a crash with the same bytes under the same names.
CREATE TABLE delivery(
  job       INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
  number    INTEGER NOT NULL,                    -- from 1
  iteration INTEGER NOT NULL,
  first     INTEGER NOT NULL,                    -- label ids, both included
  last      INTEGER NOT NULL,
  created   INTEGER NOT NULL,                    -- names its files
  written   INTEGER NOT NULL DEFAULT 0,          -- 1: it is there
  PRIMARY KEY(job, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_open ON delivery(job, number) WHERE written = 0;

ALTER TABLE export ADD COLUMN destination TEXT;  -- s3:// URI of the object or, of a tree, of its folder; NULL: a file of ours

-- ---- the AWS door ----
CREATE TABLE aws_job(
  job     INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
  request TEXT    NOT NULL,                      -- body of CreateLabelingJob, which DescribeLabelingJob repeats
  team    INTEGER NOT NULL,                      -- its work team
  setup   INTEGER NOT NULL DEFAULT 0,            -- enum aws_setup: how far it is prepared
  element TEXT                                   -- under which answers stand in output files: name of the
                                                 -- template's crowd element; NULL: that of the task type
) STRICT;
CREATE INDEX aws_job_setup ON aws_job(setup) WHERE setup = 0;
CREATE INDEX aws_job_team ON aws_job(team);

ALTER TABLE team ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE team ADD COLUMN aws TEXT;            -- JSON of what an AWS client said of it: members, notification …

CREATE TABLE workforce(
  one      INTEGER PRIMARY KEY CHECK (one = 1),  -- one instance is one workforce
  name     TEXT    NOT NULL,
  config   TEXT    NOT NULL,                     -- JSON as given, without the client's secret
  secret   BLOB,                                 -- that secret, sealed
  created  INTEGER NOT NULL,
  modified INTEGER NOT NULL
) STRICT;

CREATE TABLE tag(
  kind  INTEGER NOT NULL,                        -- enum tag_kind: job, team, workforce
  id    INTEGER NOT NULL,
  key   TEXT    NOT NULL,
  value TEXT    NOT NULL,
  PRIMARY KEY(kind, id, key)
) STRICT, WITHOUT ROWID;
