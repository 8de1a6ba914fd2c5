-- 0001-people.sql: who may come in, and how.

CREATE TABLE person(
  id          INTEGER PRIMARY KEY,
  name        TEXT    NOT NULL,                -- as typed; shown
  name_key    TEXT    NOT NULL UNIQUE,         -- case-folded, for sign-in and uniqueness
  role        INTEGER NOT NULL,                -- 1 annotator, 2 reviewer, 4 lead, 8 admin
  password    TEXT,                            -- argon2id string of libsodium; NULL: no sign-in by password
  active      INTEGER NOT NULL DEFAULT 1,      -- 0: cannot come in; answers stay
  created     INTEGER NOT NULL,                -- UTC microseconds, as every time in this file
  last_seen   INTEGER NOT NULL DEFAULT 0,
  answers     INTEGER NOT NULL DEFAULT 0,      -- maintained with every answer
  preferences TEXT    NOT NULL DEFAULT '{}'    -- JSON of the browser's own settings
) STRICT;

CREATE TABLE session(
  id      INTEGER PRIMARY KEY,
  token   BLOB    NOT NULL UNIQUE,             -- BLAKE2b of the cookie's value; the value itself is not stored
  person  INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
  csrf    TEXT    NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX session_person ON session(person);

CREATE TABLE invitation(
  id         INTEGER PRIMARY KEY,
  token      BLOB    NOT NULL UNIQUE,          -- BLAKE2b of the link's secret
  role       INTEGER NOT NULL,
  created_by INTEGER REFERENCES person,        -- NULL: the program itself, for the first admin
  created    INTEGER NOT NULL,
  expires    INTEGER NOT NULL,
  used_by    INTEGER REFERENCES person         -- NULL: still open
) STRICT;

-- Failed sign-ins by name, known or not, so that neither answer nor delay tells which names exist.
CREATE TABLE sign_in(
  name_key     TEXT    PRIMARY KEY,
  failures     INTEGER NOT NULL,
  locked_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key(
  id            INTEGER PRIMARY KEY,
  person        INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
  name          TEXT    NOT NULL,
  token         BLOB    NOT NULL UNIQUE,       -- BLAKE2b of the bearer token
  access_key_id TEXT    NOT NULL UNIQUE,       -- for AWS clients
  secret        BLOB    NOT NULL,              -- secret access key, sealed with secret.key
  created       INTEGER NOT NULL,
  last_used     INTEGER NOT NULL DEFAULT 0,
  expires       INTEGER NOT NULL               -- 0: never
) STRICT;
CREATE INDEX api_key_person ON api_key(person);

CREATE TABLE team(
  id          INTEGER PRIMARY KEY,
  name        TEXT    NOT NULL,
  name_key    TEXT    NOT NULL UNIQUE,
  description TEXT    NOT NULL DEFAULT '',
  created     INTEGER NOT NULL
) STRICT;

CREATE TABLE team_member(
  team   INTEGER NOT NULL REFERENCES team ON DELETE CASCADE,
  person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
  PRIMARY KEY(team, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_member_person ON team_member(person);
