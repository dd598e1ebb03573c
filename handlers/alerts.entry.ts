import { createAlerts } from './alerts';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { observed } from './observed';

const given = readEnvironment([
  'environment',
  'configBucket',
  'table',
  'notifyTopics',
  'lanes',
  'awsEndpoint',
]);

const { telemetry, observe } = observed('alerts', given.environment);
const clients = clientsOf(given);
const table = awsPorts.table(clients, given);
const run = createAlerts({
  alerts: awsPorts.alerts(clients, table),
  health: awsPorts.health(table),
  notifier: awsPorts.notifier(clients, given),
  fleet: awsPorts.fleet(clients, given, telemetry),
  // Cameras are watched from their first landing on: route notes it.
  watchedCameras: async () => [],
  clock: systemClock,
  telemetry,
});

/** On a schedule: pending alerts again, and silent cameras. */
export const handler = observe(async () => run());
