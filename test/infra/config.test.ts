import { describe, expect, it } from 'vitest';
import { infraConfigSchema } from '../../core/infra-config';
import { checkNotify, parseConfig, readFleet } from '../../infra/config';
import { stackConfig } from './environments';

describe('configuration that is wrong', () => {
  it('names every key at once, before anything is created', () => {
    const wrong = {
      ...stackConfig('dev'),
      'tierwatch:budgetUsdPerMonth': '-1',
      'tierwatch:analytics': 'live-analytics',
      'tierwatch:colour': 'red',
      'tierwatch:detectMaxConcurrency': '5000',
    };
    expect(messageOf(() => parseConfig(wrong, 'dev'))).toBe(
      `Pulumi.dev.yaml: nothing was created; correct
  tierwatch:budgetUsdPerMonth: expected more than 0, found -1
  tierwatch:detectMaxConcurrency: expected at most 1000, found 5000
  tierwatch:colour: unknown key "colour"; expected one of ${Object.keys(infraConfigSchema.shape).join(', ')}
  tierwatch:analytics: expected "influxdb" or "none", found "live-analytics", which AWS closed to new accounts on 2025-06-20; write "influxdb", or set tierwatch:acknowledgesLiveAnalyticsClosed: true if this account had it before
docs/configuration.md has every key`,
    );
  });

  it('refuses subscribers of a notify name that the fleet lacks', () => {
    const notify = JSON.stringify({ opps: { email: ['a@example.com'] } });
    const config = parseConfig({ ...stackConfig('dev'), 'tierwatch:notify': notify }, 'dev');
    expect(messageOf(() => checkNotify(config, ['ops']))).toBe(
      'tierwatch:notify: expected names of "notify" in fleet/dev.yaml (ops), found opps; nothing was created',
    );
  });

  it('refuses a fleet that is not there', () => {
    expect(() => readFleet('/nowhere/fleet.yaml')).toThrow(
      /expected a fleet file or folder, found none/,
    );
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
