/** "TWCH": says that a SQLite file is Tierwatch's. */
export const APPLICATION_ID = 0x54574348;

/**
 * What takes a database from one version to the next; the version is the number of steps taken. Steps are
 * only ever appended. Instants are milliseconds since the epoch.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE owner (pid INTEGER NOT NULL) STRICT;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
  visible_ms INTEGER NOT NULL, receive_count INTEGER NOT NULL DEFAULT 0,
  delivery INTEGER NOT NULL DEFAULT 0, taken INTEGER NOT NULL DEFAULT 0,
  interruptions INTEGER NOT NULL DEFAULT 0, cause TEXT NOT NULL DEFAULT '', dead_ms INTEGER
) STRICT;
CREATE INDEX messages_alive ON messages (queue, visible_ms) WHERE dead_ms IS NULL;
CREATE INDEX messages_taken ON messages (queue, visible_ms) WHERE taken = 1;
CREATE INDEX messages_dead ON messages (queue, dead_ms) WHERE dead_ms IS NOT NULL;
CREATE TABLE deduplication (queue TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (queue, key)) STRICT, WITHOUT ROWID;

CREATE TABLE items (
  segment_key TEXT NOT NULL, object_version TEXT NOT NULL, range TEXT NOT NULL,
  analysis_id TEXT NOT NULL, item TEXT NOT NULL,
  PRIMARY KEY (segment_key, object_version, range, analysis_id)
) STRICT;
CREATE TABLE current (
  segment_key TEXT NOT NULL, object_version TEXT NOT NULL, range TEXT NOT NULL,
  analysis_id TEXT NOT NULL, camera TEXT NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,
  PRIMARY KEY (segment_key, object_version, range)
) STRICT;
CREATE INDEX current_by_start ON current (camera, started_ms);
CREATE INDEX current_by_length ON current (camera, ended_ms - started_ms);

CREATE TABLE alerts (
  id TEXT PRIMARY KEY, camera TEXT NOT NULL, segment_key TEXT NOT NULL, status TEXT NOT NULL,
  at TEXT NOT NULL, created_at TEXT NOT NULL, alert TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_pending ON alerts (created_at) WHERE status = 'pending';
CREATE INDEX alerts_by_camera ON alerts (camera, at);

CREATE TABLE floors (
  camera TEXT NOT NULL, hour TEXT NOT NULL, floor_id TEXT NOT NULL, floor TEXT NOT NULL,
  PRIMARY KEY (camera, hour)
) STRICT;
CREATE INDEX floors_by_id ON floors (floor_id);

CREATE TABLE rejections (
  key TEXT NOT NULL, object_version TEXT NOT NULL, at TEXT NOT NULL, rejection TEXT NOT NULL,
  PRIMARY KEY (key, object_version)
) STRICT;

CREATE TABLE analytics (
  segment_key TEXT NOT NULL, range TEXT NOT NULL, camera TEXT NOT NULL, at_ms INTEGER NOT NULL,
  row TEXT NOT NULL, PRIMARY KEY (segment_key, range)
) STRICT;
CREATE INDEX analytics_by_camera ON analytics (camera, at_ms, segment_key, range);
CREATE INDEX analytics_by_time ON analytics (at_ms, segment_key, range);

CREATE TABLE footage_versions (
  key TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, modified_ns TEXT NOT NULL, object_version TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
  `
UPDATE items SET item = json_set(item, '$.objectKey', segment_key) WHERE json_extract(item, '$.objectKey') IS NULL;
UPDATE messages SET body = json_set(body, '$.objectKey', json_extract(body, '$.segmentKey'))
  WHERE json_extract(body, '$.segmentKey') IS NOT NULL AND json_extract(body, '$.objectKey') IS NULL;

CREATE TABLE probes (
  key TEXT NOT NULL, object_version TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (key, object_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE camera_states (camera TEXT PRIMARY KEY, last_landed_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE health_alerts (
  id TEXT PRIMARY KEY, camera TEXT NOT NULL, state TEXT NOT NULL, status TEXT NOT NULL, at TEXT NOT NULL,
  alert TEXT NOT NULL
) STRICT;
CREATE INDEX health_alerts_pending ON health_alerts (at) WHERE status = 'pending';
CREATE INDEX health_alerts_by_camera ON health_alerts (camera, at);
`,
  `
ALTER TABLE current ADD COLUMN object_key TEXT NOT NULL DEFAULT '';
ALTER TABLE current ADD COLUMN status TEXT NOT NULL DEFAULT 'done';
ALTER TABLE current ADD COLUMN presences TEXT NOT NULL DEFAULT '[]';
UPDATE current SET (object_key, status, presences) = (
  SELECT json_extract(item, '$.objectKey'), json_extract(item, '$.status'), json_extract(item, '$.presences') FROM items
  WHERE items.segment_key = current.segment_key AND items.object_version = current.object_version
    AND items.range = current.range AND items.analysis_id = current.analysis_id);
CREATE INDEX current_seen ON current (camera, started_ms) WHERE presences <> '[]';
CREATE INDEX current_seen_by_end ON current (ended_ms) WHERE presences <> '[]';

CREATE TABLE changes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, segment_key TEXT NOT NULL, camera TEXT, status TEXT NOT NULL,
  at_ms INTEGER NOT NULL, started_ms INTEGER, ended_ms INTEGER
) STRICT;

CREATE TABLE expirations (
  object_key TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE analytics_spans (
  span_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL, camera TEXT NOT NULL, tier TEXT NOT NULL,
  segments INTEGER NOT NULL, quiet_segments INTEGER NOT NULL, moving_seconds REAL NOT NULL,
  footage_seconds REAL NOT NULL, cpu_seconds REAL NOT NULL, bytes_read REAL NOT NULL, rows_written REAL NOT NULL,
  snapshots_written REAL NOT NULL, snapshot_bytes REAL NOT NULL, work_usd REAL NOT NULL, lags BLOB NOT NULL,
  PRIMARY KEY (span_ms, start_ms, camera, tier)
) STRICT, WITHOUT ROWID;
CREATE INDEX analytics_spans_by_camera ON analytics_spans (camera, span_ms, start_ms);
CREATE TABLE analytics_presence (
  span_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL, camera TEXT NOT NULL, class_name TEXT NOT NULL,
  presence_seconds REAL NOT NULL, peak_count INTEGER NOT NULL,
  PRIMARY KEY (span_ms, start_ms, camera, class_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX analytics_presence_by_camera ON analytics_presence (camera, span_ms, start_ms);
`,
  `
CREATE INDEX current_seen_of_camera ON current (camera, ended_ms) WHERE presences <> '[]';
CREATE INDEX current_by_length_alone ON current (ended_ms - started_ms);
`,
  `
ALTER TABLE current ADD COLUMN seen TEXT NOT NULL DEFAULT '';
UPDATE current SET seen = char(10) || (
  SELECT group_concat(json_extract(value, '$.className') || char(9) || json_extract(value, '$.zone') || char(10), '')
  FROM json_each(presences)) WHERE presences <> '[]';
DROP INDEX current_seen_by_end;
DROP INDEX current_seen_of_camera;
CREATE INDEX current_seen_by_end ON current (ended_ms, camera, started_ms, seen) WHERE seen <> '';
CREATE INDEX current_seen_of_camera ON current (camera, ended_ms, started_ms, seen) WHERE seen <> '';
`,
];
