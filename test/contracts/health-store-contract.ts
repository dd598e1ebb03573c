import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HealthAlert } from '../../core/health';
import type { HealthStore } from '../../core/ports';
import { CAMERA, minute } from './records';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

function silence(state: HealthAlert['state'], at: number): HealthAlert {
  return {
    schemaVersion: 1,
    id: `${state}-${at}`,
    camera: CAMERA,
    state,
    lastLandedAt: minute(0),
    at: minute(at),
    silentMinutes: at,
    notify: 'ops',
    status: 'pending',
    createdAt: minute(at),
  };
}

/** What every store of landings and silences must do. */
export function healthStoreContract(name: string, make: MakeStore<HealthStore>): void {
  describe(`health store contract: ${name}`, () => {
    let made: StoreUnderTest<HealthStore>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    it('keeps the last landing, whatever the order of arrival', async () => {
      for (const index of [1, 3, 2]) await made.store.noteLanded(CAMERA, minute(index));
      expect(await made.store.lastLandings()).toEqual(new Map([[CAMERA, minute(3)]]));
    });

    it('watches a camera from the first time it was named', async () => {
      await made.store.watchCamera(CAMERA, minute(1));
      await made.store.watchCamera(CAMERA, minute(2));
      expect(await made.store.lastLandings()).toEqual(new Map([[CAMERA, minute(1)]]));
    });

    it('creates an alert once, pending until it is marked', async () => {
      const alert = silence('raised', 5);
      expect(await made.store.createHealthAlert(alert)).toBe(true);
      expect(await made.store.createHealthAlert({ ...alert, silentMinutes: 9 })).toBe(false);
      expect(await made.store.pendingHealthAlerts()).toEqual([alert]);
      await made.store.markHealthAlertSent(alert.id);
      expect(await made.store.pendingHealthAlerts()).toEqual([]);
      expect(await made.store.latestHealthAlert(CAMERA)).toEqual({ ...alert, status: 'sent' });
    });

    it('knows the latest change of a camera, and none of another', async () => {
      await made.store.createHealthAlert(silence('cleared', 7));
      await made.store.createHealthAlert(silence('raised', 5));
      expect(await made.store.latestHealthAlert(CAMERA)).toEqual(silence('cleared', 7));
      expect(await made.store.latestHealthAlert('other/camera')).toBeNull();
    });
  });
}
