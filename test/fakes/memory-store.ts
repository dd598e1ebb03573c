import type {
  AlertStore,
  FloorStore,
  PacketFloor,
  Quarantine,
  Rejection,
  SegmentStore,
} from '../../core/ports';
import type { Alert, ItemId, SegmentItem } from '../../core/segment-result';

type RangeId = Omit<ItemId, 'analysisId'>;

function rangeKey({ segmentKey, objectVersion, range }: RangeId): string {
  return [segmentKey, objectVersion, range].join('\n');
}

function itemKey(id: ItemId): string {
  return `${rangeKey(id)}\n${id.analysisId}`;
}

/** Items, alerts, floors and rejections in memory; what is put in is copied, as a database would. */
export class MemoryStore implements SegmentStore, AlertStore, FloorStore, Quarantine {
  private readonly items = new Map<string, SegmentItem>();
  private readonly current = new Map<string, string>();
  private readonly alerts = new Map<string, Alert>();
  private readonly floors = new Map<string, PacketFloor>();
  private readonly rejected = new Map<string, Rejection>();

  async putItem(item: SegmentItem): Promise<boolean> {
    return putOnce(this.items, itemKey(item), item);
  }

  async getItem(id: ItemId): Promise<SegmentItem | null> {
    return structuredClone(this.items.get(itemKey(id)) ?? null);
  }

  async currentItem(id: RangeId): Promise<SegmentItem | null> {
    const key = this.current.get(rangeKey(id));
    return structuredClone((key && this.items.get(key)) || null);
  }

  async otherVersions({ segmentKey, objectVersion, range }: RangeId): Promise<SegmentItem[]> {
    const items = [...this.current.values()].map((key) => this.items.get(key)!);
    const others = items.filter(
      (item) =>
        item.segmentKey === segmentKey &&
        item.range === range &&
        item.objectVersion !== objectVersion,
    );
    return structuredClone(others);
  }

  async setCurrent(id: ItemId, { onlyIfAbsent }: { onlyIfAbsent: boolean }): Promise<boolean> {
    const isTaken = onlyIfAbsent && this.current.has(rangeKey(id));
    if (!isTaken && this.items.has(itemKey(id))) this.current.set(rangeKey(id), itemKey(id));
    return this.current.get(rangeKey(id)) === itemKey(id);
  }

  async *itemsOfCamera(
    camera: string,
    { from = '', to = '9999' }: { from?: string; to?: string },
  ): AsyncIterable<SegmentItem> {
    yield* this.currentItems(camera).filter((item) => item.startedAt < to && item.endedAt > from);
  }

  async cameras(): Promise<readonly string[]> {
    const cameras = [...this.current.values()].map((key) => this.items.get(key)!.camera);
    return [...new Set(cameras)].sort();
  }

  async createAlert(alert: Alert): Promise<{ alert: Alert; isNew: boolean }> {
    const isNew = putOnce(this.alerts, alert.id, alert);
    return { alert: (await this.getAlert(alert.id))!, isNew };
  }

  async getAlert(id: string): Promise<Alert | null> {
    return structuredClone(this.alerts.get(id) ?? null);
  }

  async markAlert(id: string, status: 'sent' | 'stale' | 'suppressed'): Promise<void> {
    const alert = this.alerts.get(id);
    if (alert?.status === 'pending') this.alerts.set(id, { ...alert, status });
  }

  async pendingAlerts({
    segmentKey,
    createdBefore = '9999',
  }: Parameters<AlertStore['pendingAlerts']>[0]): Promise<readonly Alert[]> {
    return [...this.alerts.values()]
      .filter(({ status, createdAt }) => status === 'pending' && createdAt < createdBefore)
      .filter((alert) => segmentKey === undefined || alert.segmentKey === segmentKey)
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  async alertsOfCamera(camera: string): Promise<readonly Alert[]> {
    return [...this.alerts.values()]
      .filter((alert) => alert.camera === camera)
      .sort((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id));
  }

  async getFloor(floorId: string): Promise<PacketFloor | null> {
    return [...this.floors.values()].find((floor) => floor.floorId === floorId) ?? null;
  }

  async floorOfHour(camera: string, hour: string): Promise<PacketFloor | null> {
    return this.floors.get(`${camera}\n${hour}`) ?? null;
  }

  async freezeFloor(camera: string, hour: string, floor: PacketFloor): Promise<PacketFloor> {
    putOnce(this.floors, `${camera}\n${hour}`, floor);
    return this.floors.get(`${camera}\n${hour}`)!;
  }

  async summariesBefore(
    camera: string,
    hour: string,
    maxSegments: number,
  ): Promise<readonly SegmentItem['packetSummary'][]> {
    return this.currentItems(camera)
      .filter(({ startedAt }) => startedAt < hour)
      .reverse()
      .slice(0, maxSegments)
      .map(({ packetSummary }) => packetSummary);
  }

  async reject(rejection: Rejection): Promise<void> {
    this.rejected.set(`${rejection.key}\n${rejection.objectVersion}`, rejection);
  }

  async isRejected(key: string, objectVersion: string): Promise<boolean> {
    return this.rejected.has(`${key}\n${objectVersion}`);
  }

  async rejections(): Promise<readonly Rejection[]> {
    return [...this.rejected.values()].sort(
      (a, b) => a.at.localeCompare(b.at) || a.key.localeCompare(b.key),
    );
  }

  private currentItems(camera: string): SegmentItem[] {
    return [...this.current.values()]
      .map((key) => structuredClone(this.items.get(key)!))
      .filter((item) => item.camera === camera)
      .sort(
        (a, b) => a.startedAt.localeCompare(b.startedAt) || rangeKey(a).localeCompare(rangeKey(b)),
      );
  }
}

function putOnce<T>(map: Map<string, T>, key: string, value: T): boolean {
  if (map.has(key)) return false;
  map.set(key, structuredClone(value));
  return true;
}
