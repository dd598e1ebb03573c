import { execFileSync, type StdioOptions } from 'node:child_process';
import { cpus } from 'node:os';
import { readCpuFeatures } from '../adapters/onnx/cpu-features';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly cpuFeatures: readonly string[];
  /** Null where there is none, or no driver to ask. */
  readonly gpu: string | null;
  readonly node: string;
  readonly commit: string;
  readonly measuredAt: string;
}

/** What a figure must name beside itself. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    cpuFeatures: readCpuFeatures(),
    gpu: gpuOf(),
    node: process.version,
    commit: commitOf(),
    measuredAt: new Date().toISOString(),
  };
}

function commitOf(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function gpuOf(): string | null {
  try {
    const query = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    const found = execFileSync('nvidia-smi', query, { encoding: 'utf8', timeout: 5000, stdio });
    const [name, driver] = found.split('\n')[0]!.split(', ');
    return `${name}, driver ${driver}`;
  } catch {
    return null;
  }
}

export function printMachine(machine: Machine): void {
  const { cpu, cores, cpuFeatures, gpu, node, commit, measuredAt } = machine;
  const beside = gpu ? `, ${gpu}` : '';
  console.log(
    `${cpu}, ${cores} cores (${cpuFeatures.join(' ')})${beside}, Node ${node}, commit ${commit}, ${measuredAt}`,
  );
}

/** User and system CPU seconds that `work` took in this process. */
export async function cpuSecondsOf(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The value at a share of them in order, by nearest rank. @returns NaN of none */
export function ranked(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}
