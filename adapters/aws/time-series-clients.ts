import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { type ClientOptions, clientConfig } from './clients';

export interface TimeSeriesClients {
  /** Holds InfluxDB's token. */
  readonly secrets: SecretsManagerClient;
  readonly timestreamWrite: TimestreamWriteClient;
  readonly timestreamQuery: TimestreamQueryClient;
}

/** The clients of the analytics; Timestream's discover their endpoints by themselves. */
export function createTimeSeriesClients(options: ClientOptions): TimeSeriesClients {
  const shared = clientConfig(options);
  return {
    secrets: new SecretsManagerClient(shared),
    timestreamWrite: new TimestreamWriteClient(shared),
    timestreamQuery: new TimestreamQueryClient(shared),
  };
}
