import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertStore } from '../../core/ports';
import { alertAt, CAMERA, minute } from './records';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

const idsOf = (alerts: readonly { readonly id: string }[]) => alerts.map(({ id }) => id);

/** What every store of alerts must do (contracts 8). */
export function alertStoreContract(name: string, make: MakeStore<AlertStore>): void {
  describe(`alert store contract: ${name}`, () => {
    let made: StoreUnderTest<AlertStore>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    it('creates an alert once: a repetition gets the one that stands', async () => {
      expect(await made.store.createAlert(alertAt(0))).toEqual({ alert: alertAt(0), isNew: true });
      const again = await made.store.createAlert(alertAt(0, { confidence: 0.1 }));
      expect(again).toEqual({ alert: alertAt(0), isNew: false });
      expect(await made.store.getAlert('alert-0')).toEqual(alertAt(0));
      expect(await made.store.getAlert('alert-9')).toBeNull();
    });

    it('is pending until it was sent, and sent for ever', async () => {
      await made.store.createAlert(alertAt(0));
      await made.store.markAlert('alert-0', 'sent');
      await made.store.markAlert('alert-0', 'stale');
      expect(await made.store.getAlert('alert-0')).toEqual(alertAt(0, { status: 'sent' }));
      expect(await made.store.pendingAlerts({})).toEqual([]);
      await made.store.markAlert('alert-9', 'sent');
      expect(await made.store.getAlert('alert-9')).toBeNull();
    });

    it('keeps the status that an alert is born with', async () => {
      await made.store.createAlert(alertAt(0, { status: 'stale' }));
      await made.store.createAlert(alertAt(1, { status: 'suppressed' }));
      expect(await made.store.pendingAlerts({})).toEqual([]);
      const statuses = (await made.store.alertsOfCamera(CAMERA)).map(({ status }) => status);
      expect(statuses).toEqual(['stale', 'suppressed']);
    });

    it('lists pending alerts by segment, and by age', async () => {
      for (const index of [2, 0, 1]) await made.store.createAlert(alertAt(index));
      const { segmentKey } = alertAt(1);
      const pending = async (options: Parameters<AlertStore['pendingAlerts']>[0]) =>
        idsOf(await made.store.pendingAlerts(options));
      expect(await pending({})).toEqual(['alert-0', 'alert-1', 'alert-2']);
      expect(await pending({ segmentKey })).toEqual(['alert-1']);
      expect(await pending({ createdBefore: minute(4) })).toEqual(['alert-0', 'alert-1']);
      expect(await pending({ segmentKey, createdBefore: minute(3) })).toEqual([]);
    });

    it('lists the alerts of a camera by instant', async () => {
      for (const index of [2, 0, 1]) await made.store.createAlert(alertAt(index));
      await made.store.createAlert(alertAt(3, { camera: 'north-mall/back' }));
      expect(idsOf(await made.store.alertsOfCamera(CAMERA))).toEqual([
        'alert-0',
        'alert-1',
        'alert-2',
      ]);
    });

    it('creates an alert once when ten create it at the same time', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => made.store.createAlert(alertAt(0))),
      );
      expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    });
  });
}
