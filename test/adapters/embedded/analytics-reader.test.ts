import { expect, it } from 'vitest';
import { SqliteAnalytics } from '../../../adapters/embedded/sqlite-analytics';
import { SqliteAnalyticsReader } from '../../../adapters/embedded/sqlite-analytics-queries';
import { ANALYTICS_QUERY_NAMES } from '../../../core/analytics-queries';
import { analyticsReaderContract } from '../../contracts/analytics-reader';
import { analyticsAt, minute } from '../../contracts/records';
import { cleanUpAfterEach, openDatabase } from './data-folder';

cleanUpAfterEach();

analyticsReaderContract('SQLite', () => {
  const database = openDatabase();
  return {
    store: new SqliteAnalytics(database),
    reader: new SqliteAnalyticsReader(database),
    close: () => {},
  };
});

it('rows of versions that did not write what is summed count nowhere', async () => {
  const database = openDatabase();
  await new SqliteAnalytics(database).write([analyticsAt(0), analyticsAt(1)]);
  const reader = new SqliteAnalyticsReader(database);
  const scope = { sites: null, cameras: null, from: minute(0), to: minute(9), limit: 10 };
  for (const query of ANALYTICS_QUERY_NAMES) expect(await reader.ask(query, scope)).toEqual([]);
});
