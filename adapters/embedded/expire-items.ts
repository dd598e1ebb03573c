import { setImmediate } from 'node:timers/promises';
import type { Database, Row } from './database';
import { MAX_TIME_MS, RANGE_KEY } from './sqlite-store';

const PAGE = 200;

/** What of a camera's items goes. */
export interface ExpireOptions {
  /** Quiet items that end before this, ISO. */
  readonly quietBefore: string;
  /** Any that end before this, ISO. */
  readonly evidenceBefore: string;
  /** Keys of objects whose items stay. */
  readonly isKept: ReadonlySet<string>;
}

/**
 * Deletes items that have outlived their footage: quiet ones that ended before `quietBefore`, others before
 * `evidenceBefore`, with the camera's alerts and floors of that age. What `isKept` has is kept, however old.
 * In pages: other work gets its turn in between.
 * @returns segment keys of which nothing is left
 */
export async function* expireItems(
  database: Database,
  camera: string,
  { quietBefore, evidenceBefore, isKept }: ExpireOptions,
): AsyncGenerator<string> {
  const [quietMs, evidenceMs] = [Date.parse(quietBefore), Date.parse(evidenceBefore)];
  const before = [Math.max(quietMs, evidenceMs), quietMs, evidenceMs];
  let last: (string | number)[] = [-MAX_TIME_MS, '', '', ''];
  for (;;) {
    const page = database.all(
      `SELECT started_ms, segment_key, object_version, range, object_key FROM current
       WHERE camera = ? AND started_ms < ? AND ended_ms < CASE presences WHEN '[]' THEN ? ELSE ? END
         AND (started_ms, segment_key, object_version, range) > (?, ?, ?, ?)
       ORDER BY started_ms, segment_key, object_version, range LIMIT ${PAGE}`,
      camera,
      ...before,
      ...last,
    );
    yield* deleteRows(
      database,
      page.filter((row) => !isKept.has(String(row.object_key))),
    );
    const end = page.at(-1);
    if (!end || page.length < PAGE) break;
    last = [Number(end.started_ms), ...rangeKeyOf(end)];
    await setImmediate();
  }
  database.transaction(() => {
    database.run('DELETE FROM alerts WHERE camera = ? AND at < ?', camera, evidenceBefore);
    database.run('DELETE FROM floors WHERE camera = ? AND hour < ?', camera, evidenceBefore);
  });
}

/** Deletes ranges with all that was noted of them. @returns segment keys of which nothing is left */
function deleteRows(database: Database, rows: readonly Row[]): string[] {
  return database.transaction(() => {
    for (const row of rows) {
      const key = rangeKeyOf(row);
      database.run(`DELETE FROM items WHERE ${RANGE_KEY}`, ...key);
      database.run(`DELETE FROM current WHERE ${RANGE_KEY}`, ...key);
      const landed = [String(row.object_key), String(row.object_version)];
      database.run('DELETE FROM expirations WHERE object_key = ?', landed[0]!);
      for (const parts of [key, landed]) {
        database.run('DELETE FROM deduplication WHERE key = ?', parts.join('\n'));
      }
    }
    const keys = [...new Set(rows.map((row) => String(row.segment_key)))];
    const sql = 'SELECT 1 FROM items WHERE segment_key = ? LIMIT 1';
    return keys.filter((key) => database.get(sql, key) === undefined);
  });
}

function rangeKeyOf(row: Row): string[] {
  return [String(row.segment_key), String(row.object_version), String(row.range)];
}
