import { describe, expect, it } from 'vitest';
import { itemDays } from '../../core/fleet/item-days';
import { parseFleet } from '../../core/fleet/parse';

const FLEET = `retention: { quietDays: 2, eventDays: 30, archiveDays: 365 }
tiers: { long: { retention: { quietDays: 20 } } }
cameras: { site/door: { tier: long } }
`;

describe('items live 30 days longer than their footage', () => {
  it.each([
    ['of quiet footage that is deleted, the longest of any layer', FLEET, true, [50, 395]],
    ['of quiet footage that is only counted: it goes with evidence', FLEET, false, [395, 395]],
    ['of a fleet that says nothing', '', true, [32, 395]],
    [
      'of evidence that is archived for no longer than it is kept',
      'retention: { quietDays: 1, eventDays: 30, archiveDays: 30 }',
      true,
      [32, 61],
    ],
  ])('%s', (_, text, deletesQuiet, [quiet, evidence]) => {
    expect(itemDays(parseFleet('fleet.yaml', text), { deletesQuiet })).toEqual({ quiet, evidence });
  });
});
