import { describe, it } from 'vitest';
import { sharedFolder } from './verify/shared';

/** A suite that needs the shared folder; where it is absent one passing line names what was left out. */
export function describeWithShared(name: string, suite: (folder: string) => void): void {
  const folder = sharedFolder();
  if (folder) {
    describe(name, () => suite(folder));
    return;
  }
  if (process.env.TIERWATCH_REQUIRE_SHARED) throw new Error(`"${name}" needs the shared folder`);
  describe(`${name} (left out: no shared folder)`, () => {
    it('says by name that it was left out', () =>
      console.warn(`left out, no shared folder: ${name}`));
  });
}
