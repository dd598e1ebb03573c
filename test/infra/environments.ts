import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig, readFleet } from '../../infra/config';
import { createPlatform } from '../../infra/platform';
import { tagEverything } from '../../infra/tags';
import { type Asked, runProgram } from './mocks';

export const ROOT = join(__dirname, '../..');
export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

/** The stack's configuration as Pulumi hands it over: texts, and JSON for what is none. */
export function stackConfig(environment: string): Record<string, string> {
  const { config } = parse(readFileSync(join(ROOT, `Pulumi.${environment}.yaml`), 'utf8')) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** The resources of one environment, some of its keys set otherwise. */
export class PlannedEnvironment {
  private constructor(readonly all: readonly Asked[]) {}

  /** @param change values by key, without the prefix */
  static async run(
    environment: string,
    change: Readonly<Record<string, unknown>> = {},
  ): Promise<PlannedEnvironment> {
    const changed = Object.entries(change).map(([key, value]) => [
      `tierwatch:${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    const given = { ...stackConfig(environment), ...Object.fromEntries(changed) };
    const config = parseConfig(given, environment);
    const fleet = readFleet(join(ROOT, config.fleet));
    const program = () => {
      tagEverything({ environment, owner: config.owner });
      return createPlatform({ environment, config, fleet });
    };
    return new PlannedEnvironment(await runProgram(program, { stack: environment }));
  }

  /** Every resource of a type. */
  of(type: string): readonly Asked[] {
    return this.all.filter((asked) => asked.type === type);
  }

  /** The inputs of one resource. */
  one(type: string, name: string): Asked['inputs'] {
    const found = this.of(type).find((asked) => asked.name === name);
    if (!found) throw new Error(`"${name}": expected a ${type}, found none`);
    return found.inputs;
  }
}
