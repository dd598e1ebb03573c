import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Manifest } from '../core/manifest';
import { download } from './download';
import { ModelImportError } from './errors';
import { importModel } from './import/import-model';

const FOLDER = join(__dirname, 'recipes');
const shape = z
  .string()
  .regex(/^\d{2,4}x\d{2,4}$/)
  .describe('HEIGHTxWIDTH in px');

/** Where a known model's weights are and how they become a bundle. */
const recipeSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  family: z.string(),
  classes: z.string(),
  keep: z.array(z.string()).min(1),
  inputs: z.array(shape).min(1),
  licence: z.string(),
  source: z.url(),
});

export interface GetRequest {
  readonly name: string;
  readonly out: string;
  /** Folder of the recipes. @default model-build/recipes */
  readonly recipes?: string;
  readonly onProgress?: (receivedBytes: number) => void;
}

/** Downloads a recipe's weights, verifies them and imports them. @throws {ModelImportError} */
export async function getModel({
  name,
  out,
  recipes = FOLDER,
  onProgress,
}: GetRequest): Promise<Manifest> {
  const known = readdirSync(recipes).map((file) => file.replace(/\.yaml$/, ''));
  if (!known.includes(name)) {
    throw new ModelImportError(
      'no-recipe',
      `"${name}": expected a recipe (${known.join(', ')}), found none of that name`,
    );
  }
  const recipe = recipeSchema.parse(parse(readFileSync(join(recipes, `${name}.yaml`), 'utf8')));
  const aside = mkdtempSync(join(tmpdir(), 'tierwatch-get-'));
  try {
    const weights = join(aside, `${name}.onnx`);
    const { url, sha256, inputs, ...rest } = recipe;
    await download({ url, sha256, file: weights, ...(onProgress ? { onProgress } : {}) });
    const shapes = inputs.map((text) => {
      const [heightPx, widthPx] = text.split('x').map(Number) as [number, number];
      return { heightPx, widthPx };
    });
    const { manifest } = await importModel({ ...rest, weights, inputs: shapes, name, out });
    return manifest;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
