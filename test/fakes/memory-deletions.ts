import type { DeletedRecording, Deletion, DeletionLog, Recording } from '../../core/ports';

/** What retention has deleted, in memory. */
export class MemoryDeletions implements DeletionLog {
  private readonly noted = new Map<string, Deletion>();

  async note(camera: string, gone: readonly DeletedRecording[], at: string): Promise<void> {
    for (const { objectKey, reason } of gone) {
      this.noted.set(`${camera}\n${objectKey}`, { at, reason });
    }
  }

  async find(camera: string, asked: readonly Recording[]): Promise<ReadonlyMap<string, Deletion>> {
    return new Map(
      asked.flatMap(({ objectKey }) => {
        const deletion = this.noted.get(`${camera}\n${objectKey}`);
        return deletion ? [[objectKey, deletion] as const] : [];
      }),
    );
  }
}
