import type { TestProject } from 'vitest/node';
import { type Influx, startInflux } from './influxdb';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where this machine can't have InfluxDB. */
    readonly influxEndpoint: string | null;
  }
}

/** One InfluxDB for all tests of the run; a machine without it leaves those tests out by name, or fails where `TIERWATCH_REQUIRE_PEERS` is set. */
export default async function setup(project: TestProject): Promise<() => void> {
  let influx: Influx | null = null;
  try {
    influx = await startInflux();
  } catch (error) {
    if (process.env.TIERWATCH_REQUIRE_PEERS) throw error;
    console.log(`left out the time series on a real InfluxDB: ${(error as Error).message}`);
  }
  project.provide('influxEndpoint', influx?.endpoint ?? null);
  return () => influx?.stop();
}
