import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfigurationReference } from '../core/config-reference';
import { renderFleetSchema } from '../core/fleet/json-schema';
import { renderPermissions } from '../core/permissions-reference';
import { FUNCTION_ACCESS } from '../handlers/all.permissions';
import { renderOpenApi } from '../handlers/api/document';
import { renderManifestSchema } from '../model-build/manifest-schema';
import { type EnvironmentSettings, renderPolicies } from '../policies/reference';
import { ALL_RULES } from '../policies/rules';

/** Writes docs/configuration.md, docs/permissions.md, docs/policies.md, docs/openapi.json and model-build/manifest.schema.json from the schemas. */
export function generateDocs(folder: string): void {
  writeFileSync(join(folder, 'configuration.md'), renderConfigurationReference());
  writeFileSync(join(folder, 'permissions.md'), renderPermissions(FUNCTION_ACCESS));
  writeFileSync(join(folder, 'policies.md'), renderPolicies(ALL_RULES, policySettings(folder)));
  writeFileSync(join(folder, 'openapi.json'), renderOpenApi());
  writeFileSync(join(folder, '../fleet/schema.json'), renderFleetSchema());
  const schema = join(folder, '../model-build/manifest.schema.json');
  writeFileSync(schema, renderManifestSchema());
}

/** What policies/<environment>.json say. */
export function policySettings(folder: string): EnvironmentSettings {
  return Object.fromEntries(
    ['dev', 'staging', 'prod'].map((environment) => {
      const file = join(folder, '../policies', `${environment}.json`);
      return [environment, JSON.parse(readFileSync(file, 'utf8'))];
    }),
  );
}

if (require.main === module) generateDocs(__dirname);
