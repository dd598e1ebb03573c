import type { TestProject } from 'vitest/node';
import { startMoto } from './moto';

declare module 'vitest' {
  interface ProvidedContext {
    readonly motoEndpoint: string;
  }
}

/** One moto for all tests of the run. */
export default async function setup(project: TestProject): Promise<() => void> {
  const moto = await startMoto();
  project.provide('motoEndpoint', moto.endpoint);
  return () => moto.stop();
}
