import { UnsafeKeyError } from '../../adapters/embedded/errors';
import type { SnapshotStore } from '../../core/ports';

export class MemorySnapshots implements SnapshotStore {
  private readonly pictures = new Map<string, Uint8Array>();

  async put(key: string, jpeg: Uint8Array): Promise<void> {
    if (key.split('/').some((part) => ['', '.', '..'].includes(part))) {
      throw new UnsafeKeyError(key, 'a part that leads elsewhere');
    }
    this.pictures.set(key, Uint8Array.from(jpeg));
  }

  async get(key: string): Promise<Uint8Array | null> {
    return this.pictures.get(key) ?? null;
  }
}
