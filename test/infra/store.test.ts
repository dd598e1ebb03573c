import { expect, it } from 'vitest';
import { Store } from '../../infra/store';
import { partsOf } from './alone';

it.each([true, false])(
  'is one table on demand, recoverable, encrypted; protected: %s',
  async (isProtected) => {
    const parts = await partsOf(() => new Store('rows', { isProtected }));
    const names = ['pk', 'sk', 'timePk', 'timeSk', 'statusPk', 'statusSk'];
    const index = (name: string, hashKey: string, rangeKey: string) => ({
      ...{ name, hashKey, rangeKey },
      projectionType: 'ALL',
    });
    expect(parts).toEqual({
      'Table rows': {
        billingMode: 'PAY_PER_REQUEST',
        hashKey: 'pk',
        rangeKey: 'sk',
        attributes: names.map((name) => ({ name, type: 'S' })),
        globalSecondaryIndexes: [
          index('by-time', 'timePk', 'timeSk'),
          index('by-status', 'statusPk', 'statusSk'),
        ],
        ttl: { enabled: true, attributeName: 'expiresAt' },
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true },
        deletionProtectionEnabled: isProtected,
      },
    });
  },
);
