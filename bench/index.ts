import { run as runColdStart } from './cold-start';
import { run as runDashboard } from './dashboard';
import { run as runDecodeLimit } from './decode-limit';
import { run as runEndpoint } from './endpoint';
import { run as runFleet } from './fleet';
import { run as runLatency } from './latency';
import { run as runModelImport } from './model-import';
import { run as runPage } from './page';
import { run as runQueue } from './queue';
import { run as runRetention } from './retention';
import { run as runRoad } from './road';
import { run as runSimulator } from './simulator';
import { run as runSimulatorEvents } from './simulator-events';

const BENCHES: Readonly<Record<string, (values: string[]) => Promise<void>>> = {
  'cold-start': runColdStart,
  dashboard: runDashboard,
  'decode-limit': runDecodeLimit,
  endpoint: runEndpoint,
  fleet: runFleet,
  latency: runLatency,
  'model-import': runModelImport,
  page: runPage,
  queue: runQueue,
  retention: runRetention,
  road: runRoad,
  simulator: runSimulator,
  'simulator-events': runSimulatorEvents,
};

const [name = '', ...values] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  console.error(`bench: expected one of ${Object.keys(BENCHES).join(', ')}, found "${name}"`);
  process.exit(2);
}
bench(values).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
