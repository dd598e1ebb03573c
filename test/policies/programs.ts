import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig, readFleet, readModel } from '../../infra/config';
import { createPlatform } from '../../infra/platform';
import { tagEverything } from '../../infra/tags';
import type { Judged, Limits, Rule } from '../../policies/rule';
import { strictLimits } from '../../policies/rule';
import { runProgram } from '../infra/mocks';
import { made } from './judged';

const ROOT = join(__dirname, '../..');
export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

/** Every resource of an environment's program, as the engine shows it to the rules after an update. */
export async function stackOf(
  environment: string,
  change: Readonly<Record<string, unknown>> = {},
  pageFolder?: string,
): Promise<readonly Judged[]> {
  const { config } = parse(readFileSync(join(ROOT, `Pulumi.${environment}.yaml`), 'utf8')) as {
    config: Record<string, unknown>;
  };
  const texts = Object.entries({ ...config, ...change }).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const given = parseConfig(Object.fromEntries(texts), environment);
  const asked = await runProgram(
    () => {
      tagEverything({ environment, owner: given.owner });
      const fleet = readFleet(join(ROOT, given.fleet));
      createPlatform({
        environment,
        config: given,
        fleet,
        model: readModel(given),
        ...(pageFolder ? { pageFolder } : {}),
      });
    },
    { stack: environment },
  );
  return asked.map(({ type, name, outputs }) => made(type, name, { ...outputs }));
}

export interface Configured {
  readonly enforcementLevel: string;
  readonly limits: Limits;
}

/** policies/<environment>.json: what `pulumi preview --policy-pack-config` is given. */
export function configurationOf(
  environment: string,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return JSON.parse(readFileSync(join(ROOT, 'policies', `${environment}.json`), 'utf8'));
}

/** What an environment says of a rule, over its strict limits. */
export function configured(rule: Rule, environment: string): Configured {
  const { enforcementLevel, ...limits } = configurationOf(environment)[rule.name] ?? {};
  return {
    enforcementLevel: String(enforcementLevel ?? 'mandatory'),
    limits: { ...strictLimits(rule), ...limits } as Limits,
  };
}
