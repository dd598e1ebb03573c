import * as z from 'zod';
import { alertRuleSchema, cameraSettingsSchema, classFilterSchema } from './camera-settings';
import { PRODUCT_LAYER, PRODUCT_RETENTION } from './fleet/resolve';
import {
  cameraEntrySchema,
  defaultsSchema,
  fleetSchema,
  notifySchema,
  PRODUCT_TIERS,
  siteSchema,
  tierSchema,
} from './fleet/schema';
import { infraConfigSchema } from './infra-config';
import { keyPatternSchema } from './key-patterns';
import { limitsSchema } from './limits-schema';

interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
  readonly oneOf?: readonly FieldSchema[];
  readonly items?: FieldSchema | false;
  readonly prefixItems?: readonly FieldSchema[];
  readonly additionalProperties?: FieldSchema | false;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}
type Defaults = Readonly<Record<string, unknown>>;

const INTRODUCTION = `# Configuration

Generated from the schemas by \`npx tsx docs/generate.ts\`; a test fails when it is stale. A fleet file is YAML. Unknown keys are
refused, numbers outside their bounds are refused, never clamped; \`tierwatch fleet check FILE\` names every problem by
line and column.

A camera's **tier** is the first there is of camera.schedule, camera.tier, site.schedule, site.defaults.tier,
defaults.tier and \`low\`, at the segment's start. Its **settings** come, weakest first, from the product, \`defaults\`, the
tier, the site's \`defaults\` and the camera. Lists and maps replace; \`masks+\` and \`privacyMasks+\` append;
\`retention\` is merged field by field. A camera that the file does not name takes its site's settings; an unknown site
takes \`defaults\`.`;

/** docs/configuration.md: every field of the fleet file with type, bounds, default and meaning. */
export function renderConfigurationReference(): string {
  const product: Defaults = { ...PRODUCT_LAYER };
  const shared = Object.keys(tierSchema.shape);
  return [
    INTRODUCTION,
    section('The fleet file', fleetSchema, { defaults: {} }),
    section('Tiers', tierSchema, {
      note: 'Any of these may also stand in `defaults`, in a site’s `defaults` and at a camera. The defaults are the product’s.',
      defaults: product,
    }),
    productTiers(),
    section('Defaults', defaultsSchema, { note: BESIDE_TIERS, defaults: product, omit: shared }),
    section('Sites', siteSchema, { defaults: {} }),
    section('Cameras', cameraEntrySchema, {
      note: BESIDE_TIERS,
      defaults: product,
      omit: shared,
    }),
    section('Schedule', siteSchema.shape.schedule.unwrap().element, { defaults: {} }),
    section('Class filters', classFilterSchema, {
      note: 'Each by class name under `classFilters`. What fails a filter is no detection.',
      defaults: {},
    }),
    section('Alerts', alertRuleSchema, { defaults: {} }),
    section('Key patterns', keyPatternSchema, {
      note: 'A file or object whose key is not of the product’s own form is mapped to site, camera and start by the first pattern that fits; where the pattern names neither {seconds} nor {end:...}, the file is probed for its length. `tierwatch fleet check FILE --keys LIST` shows what each key of a list would be taken for.',
      defaults: {},
    }),
    section('Limits', limitsSchema, {
      note: 'What is past a limit is quarantined, and the limit named.',
      defaults: {},
    }),
    section('Retention', cameraSettingsSchema.shape.retention.partial(), {
      note: 'In every layer, over what the weaker ones say: `quietDays` at most `eventDays`, `eventDays` at most `archiveDays`.',
      defaults: PRODUCT_RETENTION,
    }),
    notifyTargets(),
    section('Environments (Pulumi.<environment>.yaml)', infraConfigSchema, {
      note: 'Each as `tierwatch:<field>` under `config:`; `gpu.image` is the key `image` inside `gpu`, `[]` each entry of a list. `pulumi up` refuses unknown keys and values out of bounds, all at once, before it creates anything.',
      defaults: {},
      isDeep: true,
    }),
  ]
    .join('\n\n')
    .concat('\n');
}

const BESIDE_TIERS = 'Beside all the settings of Tiers:';

function section(
  title: string,
  schema: z.ZodType,
  options: { note?: string; defaults: Defaults; omit?: readonly string[]; isDeep?: boolean },
): string {
  const { properties = {}, required = [] } = schemaOf(schema);
  const rows = Object.entries(properties)
    .filter(([name]) => !options.omit?.includes(name))
    .flatMap(([name, field]) => [
      row([
        `\`${name}\``,
        typeOf(field),
        defaultOf(field, {
          product: options.defaults[name],
          isRequired: required.includes(name),
        }),
        field.description ?? '',
      ]),
      ...(options.isDeep ? rowsInside(name, field) : []),
    ]);
  const table = [row(['field', 'type and bounds', 'default', 'meaning']), RULE, ...rows].join('\n');
  return [`## ${title}`, ...(options.note ? [options.note] : []), table].join('\n\n');
}

/** The keys inside a field: of its own, of each entry of its list, of the forms that it may have. */
function rowsInside(above: string, field: FieldSchema): string[] {
  const { properties = {}, required = [], items, anyOf = [], oneOf = [] } = field;
  return [
    ...Object.entries(properties).flatMap(([key, inner]) => {
      const name = `${above}.${key}`;
      const isRequired = required.includes(key);
      const cells = [defaultOf(inner, { product: undefined, isRequired }), inner.description ?? ''];
      return [row([`\`${name}\``, typeOf(inner), ...cells]), ...rowsInside(name, inner)];
    }),
    ...(items ? rowsInside(`${above}[]`, items) : []),
    ...[...anyOf, ...oneOf].flatMap((form) => rowsInside(above, form)),
  ];
}

const RULE = '|---|---|---|---|';

function productTiers(): string {
  const names = ['lane', 'sampleIntervalSeconds', 'packetGate', 'motionGate'] as const;
  const rows = Object.entries(PRODUCT_TIERS).map(([tier, settings]) =>
    row([`\`${tier}\``, ...names.map((name) => code(settings[name]))]),
  );
  return [
    'These tiers come with the product and need not be written; a file that names one changes what it names.',
    [row(['tier', ...names.map((name) => `\`${name}\``)]), `${RULE}---|`, ...rows].join('\n'),
  ].join('\n\n');
}

function notifyTargets(): string {
  const rows = (schemaOf(notifySchema).anyOf ?? []).flatMap(({ properties = {} }) =>
    Object.entries(properties).map(([name, field]) =>
      row([`\`${name}\``, typeOf(field), field.description ?? '']),
    ),
  );
  const table = [row(['target', 'type', 'meaning']), '|---|---|---|', ...rows].join('\n');
  return ['## Notify', 'Each target by name under `notify`, with exactly one of:', table].join(
    '\n\n',
  );
}

function schemaOf(schema: z.ZodType): FieldSchema {
  return z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as FieldSchema;
}

function typeOf(field: FieldSchema): string {
  if (field.const !== undefined) return code(field.const);
  if (field.enum) return field.enum.map(code).join(' or ');
  const forms = field.anyOf ?? field.oneOf;
  if (forms) return [...new Set(forms.map(typeOf))].join(' or ');
  if (field.prefixItems) return `[${field.prefixItems.map(typeOf).join(', ')}]`;
  if (field.type === 'array') return `list of ${itemCount(field)}${typeOf(field.items || {})}`;
  if (field.type === 'object')
    return field.properties ? 'settings' : `${typeOf(field.additionalProperties || {})}, by name`;
  if (field.type === 'number' || field.type === 'integer') return `${field.type}${bounds(field)}`;
  return field.pattern && field.pattern.length < 60
    ? `text \`/${field.pattern.replaceAll('|', '\\|')}/\``
    : field.type === 'string'
      ? 'text'
      : (field.type ?? 'anything');
}

function itemCount({ minItems, maxItems }: FieldSchema): string {
  if (minItems === undefined) return '';
  return maxItems === undefined ? `at least ${minItems} ` : `${minItems} to ${maxItems} `;
}

function bounds({ minimum, exclusiveMinimum, maximum }: FieldSchema): string {
  const isSafeInteger = maximum !== undefined && maximum >= Number.MAX_SAFE_INTEGER;
  const upper = isSafeInteger ? undefined : maximum;
  if (minimum !== undefined && upper !== undefined) return ` ${minimum} to ${upper}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  if (minimum !== undefined) return ` at least ${minimum}`;
  return upper === undefined ? '' : ` at most ${upper}`;
}

function defaultOf(
  field: FieldSchema,
  { product, isRequired }: { product: unknown; isRequired: boolean },
): string {
  if (isRequired) return 'required';
  const value = field.default ?? product;
  return value === undefined ? 'none' : code(value);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', ')}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
