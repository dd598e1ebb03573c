import { SqliteAnalytics } from '../../../adapters/embedded/sqlite-analytics';
import { SqliteAnalyticsReader } from '../../../adapters/embedded/sqlite-analytics-queries';
import { analyticsReaderContract } from '../../contracts/analytics-reader';
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
