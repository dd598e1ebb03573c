import { type ModelBundle, readBundle } from './bundle';
import { ModelFolders } from './model-folders';

/** Model bundles by the names that tiers give. */
export class ModelShelf extends ModelFolders {
  private readonly bundles = new Map<string, ModelBundle>();

  /** @throws {ModelBundleError} for a name that is not there */
  bundleOf(model: string): ModelBundle {
    const known = this.bundles.get(model);
    if (known) return known;
    const bundle = readBundle(this.folderOf(model));
    this.bundles.set(model, bundle);
    return bundle;
  }
}
