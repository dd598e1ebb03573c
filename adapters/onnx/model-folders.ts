import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ModelBundleError } from './errors';

/** Folders of model bundles by the names that tiers give: `default`, and those of a shelf. Opens none of them. */
export class ModelFolders {
  /** @param folder holds further bundles, a folder each; null: there are none */
  constructor(
    private readonly defaultFolder: string,
    private readonly folder: string | null,
  ) {}

  /** @throws {ModelBundleError} */
  folderOf(model: string): string {
    if (model === 'default') return this.defaultFolder;
    const names = this.names();
    if (this.folder !== null && names.includes(model)) return join(this.folder, model);
    throw new ModelBundleError(
      `"${model}": the fleet file names a model that is not there; expected one of ${['default', ...names].join(', ')}; put its bundle into the folder that --models names`,
    );
  }

  private names(): string[] {
    if (this.folder === null) return [];
    try {
      const entries = readdirSync(this.folder, { withFileTypes: true });
      const isBundle = (name: string): boolean =>
        existsSync(join(this.folder ?? '', name, 'manifest.json'));
      return entries
        .filter((entry) => entry.isDirectory() && isBundle(entry.name))
        .map(({ name }) => name);
    } catch (cause) {
      throw new ModelBundleError(
        `"${this.folder}": expected a folder of model bundles, found none that can be read; name it with --models`,
        cause,
      );
    }
  }
}
