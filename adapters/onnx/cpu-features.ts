import { readFileSync } from 'node:fs';
import { CPU_FEATURES, type CpuFeature } from '../../core/manifest';

/** Features of this machine's CPU that matter to inference; empty where the system does not say. */
export function readCpuFeatures(file = '/proc/cpuinfo'): CpuFeature[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1] ?? '';
  const flags = new Set(line.split(/\s+/));
  return CPU_FEATURES.filter((feature) => flags.has(feature));
}
