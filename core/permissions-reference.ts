import { type Permission, platformPermissions } from './permissions';

const INTRODUCTION = `# Permissions

Generated from \`handlers/*.permissions.ts\` by \`npm run docs\`; a test fails when it is stale. Infra turns exactly these into
each function's role; \`npm run verify\` records every call that the functions make of AWS's APIs (moto) on all their paths
and proves each list **enough** (every call is allowed) and **needed** (every action on every part is used).`;

/** docs/permissions.md: what each function may do, to which part, and why. */
export function renderPermissions(
  functions: Readonly<Record<string, { readonly permissions: readonly Permission[] }>>,
): string {
  const sections = Object.entries(functions).map(([name, { permissions }]) =>
    [`## ${name}`, table(permissions)].join('\n\n'),
  );
  const shared = [
    '## Every function, by its configuration',
    'What Lambda itself needs of a function’s role: derived by `platformPermissions` in core/permissions.ts from what feeds the function, and whether it is in a VPC, traced, or reads what a customer’s key encrypts.',
    table(platformPermissions(ALL_OPTIONS)),
  ].join('\n\n');
  return [INTRODUCTION, ...sections, shared].join('\n\n').concat('\n');
}

const ALL_OPTIONS = {
  eventSource: 'landedQueue',
  isInVpc: true,
  hasDataKey: true,
  isTraced: true,
  readsFootage: true,
  discoversEndpoints: true,
} as const;

function table(permissions: readonly Permission[]): string {
  const rows = permissions.map(({ actions, resource, reason, source }) => {
    const names = actions.map((action) => `\`${action}\``).join(', ');
    const why = source ? `${reason} ([source](${source}))` : reason;
    return `| ${names} | \`${resource}\` | ${why} |`;
  });
  return ['| actions | part | why |', '|---|---|---|', ...rows].join('\n');
}
