import { queuedAnalytics } from '../core/queued-analytics';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { observed } from './observed';

/** What every lane's function is given. */
export const DETECT_ENVIRONMENT = [
  'environment',
  'footageBucket',
  'quarantineBucket',
  'snapshotsBucket',
  'configBucket',
  'table',
  'cpuQueueUrl',
  'analyticsQueueUrl',
  'detectionsStream',
  'notifyTopics',
  'lanes',
  'quietItemDays',
  'evidenceItemDays',
  'awsEndpoint',
] as const;

/** The ports that every lane's function works with, by its one name. */
export function openDetect(name: 'detect-cpu' | 'detect-gpu') {
  const given = readEnvironment(DETECT_ENVIRONMENT);
  const { telemetry, observe } = observed(name, given.environment);
  const clients = clientsOf(given);
  const table = awsPorts.table(clients, given);
  const store = awsPorts.store(table, given);
  const { analyticsQueueUrl, detectionsStream } = given;
  const ports = {
    store,
    floors: store,
    alerts: awsPorts.alerts(clients, table),
    analytics: analyticsQueueUrl
      ? queuedAnalytics(awsPorts.analyticsQueue(clients, { analyticsQueueUrl }))
      : // An environment without a time series.
        { write: async () => {} },
    snapshots: awsPorts.snapshots(clients, given),
    ...(detectionsStream ? { archive: awsPorts.archive(clients, { detectionsStream }) } : {}),
    notifier: awsPorts.notifier(clients, given),
    fleet: awsPorts.fleet(clients, given, telemetry),
    clock: systemClock,
    onPublishFailed: (segmentKey: string, { message: cause }: Error) =>
      telemetry.log('warn', 'an alert stays pending', { segmentKey, cause }),
    quarantine: awsPorts.quarantine(clients, table, given),
    failures: awsPorts.failures(table),
    telemetry,
  };
  const cpuLane = awsPorts.lane(clients, given.cpuQueueUrl);
  const footage = awsPorts.footage(clients, given);
  return { given, clients, table, ports, footage, cpuLane, observe };
}
