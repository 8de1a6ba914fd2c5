-- 0003-learning.sql: models, rounds, provisional labels; what goes in and out; the lease clock.

CREATE TABLE model(
  id        INTEGER PRIMARY KEY,
  job       INTEGER NOT NULL,
  round     INTEGER NOT NULL,
  bytes     BLOB    NOT NULL,                    -- learn/'s own format, with everything to predict
  sha256    TEXT    NOT NULL,
  recipe    TEXT    NOT NULL,                    -- JSON: item ids, labels, extractor, parameters, seed
  created   INTEGER NOT NULL
) STRICT;
CREATE INDEX model_job ON model(job);

CREATE TABLE round(
  job      INTEGER NOT NULL,
  number   INTEGER NOT NULL,                     -- from 1
  human    INTEGER NOT NULL,                     -- items labelled by people so far
  auto     INTEGER NOT NULL,                     -- items the machine would label, or has
  rest     INTEGER NOT NULL,
  estimate REAL    NOT NULL,
  low      REAL    NOT NULL,
  high     REAL    NOT NULL,
  target   REAL    NOT NULL,
  decision TEXT    NOT NULL,                     -- continue, stop, audit, refuse
  sentence TEXT    NOT NULL,
  model    INTEGER,
  seconds  REAL    NOT NULL,
  report   TEXT    NOT NULL,                     -- JSON, all of learn/'s report
  created  INTEGER NOT NULL,
  PRIMARY KEY(job, number)
) STRICT, WITHOUT ROWID;

-- The newest model's opinion of items that have no label yet.
CREATE TABLE guess(
  item  INTEGER PRIMARY KEY,
  job   INTEGER NOT NULL,
  class INTEGER NOT NULL,
  p     REAL    NOT NULL,
  model INTEGER NOT NULL
) STRICT;
CREATE INDEX guess_job ON guess(job);

-- What the loop wants people to see next, best first; front is filled from it.
CREATE TABLE ask(
  job  INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  item INTEGER NOT NULL,
  PRIMARY KEY(job, rank, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE import(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  job        INTEGER NOT NULL,
  state      INTEGER NOT NULL,                   -- enum transfer_state
  source     TEXT    NOT NULL,                   -- what it is called in reports
  path       TEXT    NOT NULL,                   -- where the bytes are
  owned      INTEGER NOT NULL,                   -- 1: an upload of ours, removed when done
  lines      INTEGER NOT NULL DEFAULT 0,
  added      INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  failed     INTEGER NOT NULL DEFAULT 0,
  message    TEXT,
  created    INTEGER NOT NULL,
  finished   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX import_job ON import(job);
CREATE INDEX import_running ON import(state) WHERE state = 0;

CREATE TABLE import_error(
  import  INTEGER NOT NULL REFERENCES import ON DELETE CASCADE,
  line    INTEGER NOT NULL,
  code    TEXT    NOT NULL,
  message TEXT    NOT NULL,
  PRIMARY KEY(import, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE export(
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  job               INTEGER NOT NULL,
  state             INTEGER NOT NULL,
  format            INTEGER NOT NULL,            -- enum export_format
  scope             INTEGER NOT NULL,            -- 0 all lines, 1 labelled ones
  provisional       INTEGER NOT NULL,            -- machine guesses that are not final are in it
  lines             INTEGER NOT NULL DEFAULT 0,
  bytes             INTEGER NOT NULL DEFAULT 0,
  sha256            TEXT,
  model             INTEGER,
  label_set_version INTEGER NOT NULL DEFAULT 0,
  message           TEXT,
  created           INTEGER NOT NULL,
  finished          INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX export_job ON export(job);
CREATE INDEX export_running ON export(state) WHERE state = 0;

-- Wall time minus boot time when this boot was first seen: leases are kept on a clock that no change
-- of the wall clock can move.
CREATE TABLE lease_clock(
  one    INTEGER PRIMARY KEY CHECK (one = 1),
  boot   TEXT    NOT NULL,
  offset_us INTEGER NOT NULL
) STRICT;
