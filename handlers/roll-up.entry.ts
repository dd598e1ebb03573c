import { DynamoRollUps } from '../adapters/aws/dynamo-roll-ups';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { observed } from './observed';
import { createRollUp } from './roll-up';

const given = readEnvironment(['environment', 'table', 'awsEndpoint']);
const { telemetry, observe } = observed('roll-up', given.environment);

/** Hourly: rows → sums by hour and day, where there is no time series. */
export const handler = observe(
  createRollUp({
    rollUps: new DynamoRollUps(awsPorts.table(clientsOf(given), given)),
    clock: systemClock,
    telemetry,
  }),
);
