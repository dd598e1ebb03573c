import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Manifest } from '../core/manifest';
import { requireReplaceable } from './bundle';
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
  pixels: z.string().optional().describe('What the export takes, where its family does not say'),
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
  const known = readdirSync(recipes).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []);
  if (!known.includes(name)) {
    throw new ModelImportError(
      'no-recipe',
      `"${name}": expected a recipe (${known.join(', ')}), found none of that name`,
    );
  }
  const recipe = readRecipe(join(recipes, `${name}.yaml`));
  requireReplaceable(out);
  const aside = mkdtempSync(join(tmpdir(), 'tierwatch-get-'));
  try {
    const weights = join(aside, `${name}.onnx`);
    const { url, sha256, inputs, pixels, ...rest } = recipe;
    await download({ url, sha256, file: weights, ...(onProgress ? { onProgress } : {}) });
    const shapes = inputs.map((text) => {
      const [heightPx, widthPx] = text.split('x').map(Number) as [number, number];
      return { heightPx, widthPx };
    });
    const { manifest } = await importModel({
      ...{ ...rest, weights, inputs: shapes, name, out },
      ...(pixels === undefined ? {} : { pixels }),
    });
    return manifest;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** @throws {ModelImportError} naming the key that is wrong */
function readRecipe(file: string): z.infer<typeof recipeSchema> {
  let given: unknown;
  try {
    given = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ModelImportError('no-recipe', `"${file}": expected YAML, found none`, cause);
  }
  const parsed = recipeSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelImportError(
    'no-recipe',
    `"${file}": ${issue?.path.join('.') || 'recipe'}: ${issue?.message}; yolox-nano.yaml shows what a recipe holds`,
  );
}
