import { type IdleLine, idleUsdPerMonth } from './idle-cost';
import { type GrantChange, type IdleChange, type Review, unreasoned } from './review';

export interface ReportInput {
  readonly environment: string;
  readonly review: Review;
  readonly idle: IdleChange;
  /** What `pulumi preview --policy-pack` printed. */
  readonly previewText: string;
  /** What `tierwatch fleet diff` printed; empty: no camera changes. */
  readonly fleetDiff: string;
}

const MOST_LINES = 50;

/** The comment on a pull request: resources, roles, policy findings, cameras and dollars. */
export function renderReview(input: ReportInput): string {
  const { environment, review, idle, previewText, fleetDiff } = input;
  const open = unreasoned(review);
  return [
    `## ${environment}`,
    section('Resources', changesOf(review)),
    section('Roles', rolesOf(review)),
    ...(open.length > 0
      ? [`**${open.length} without a reason:** declare it in \`handlers/*.permissions.ts\`.`]
      : []),
    section('Policies', policyFindings(previewText)),
    section('Infrastructure, dollars a month idle', idleOf(idle)),
    section('Cameras and dollars a month', fleetDiff.split('\n').filter(Boolean)),
  ]
    .join('\n\n')
    .concat('\n');
}

function section(title: string, lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_LINES);
  const more = lines.length > shown.length ? [`… ${lines.length - shown.length} more`] : [];
  const body = lines.length === 0 ? ['nothing changes'] : ['```', ...shown, ...more, '```'];
  return [`**${title}**`, '', ...body].join('\n');
}

function changesOf({ changes }: Review): string[] {
  return changes.map(({ op, type, name }) => `${op} ${type.split(':').at(-1)} ${name}`);
}

/** Lines that come, go or change, and the sums; nothing where none does. */
function idleOf({ before, after }: IdleChange): string[] {
  const keyOf = ({ type, name, usdPerMonth }: IdleLine): string => `${type} ${name} ${usdPerMonth}`;
  const without = (lines: readonly IdleLine[], others: readonly IdleLine[]) => {
    const keys = others.map(keyOf);
    return lines.filter((one) => !keys.includes(keyOf(one)));
  };
  const lines = [
    ...without(before, after).map((one) => `- ${describeIdle(one)}`),
    ...without(after, before).map((one) => `+ ${describeIdle(one)}`),
  ];
  if (lines.length === 0) return [];
  const sums = [before, after].map((all) => `$${idleUsdPerMonth(all).toFixed(2)}`);
  return [...lines, `${sums[0]} → ${sums[1]}, list prices, free tiers not taken off`];
}

/** One line for people. */
export function describeIdle({ type, name, usdPerMonth, basis }: IdleLine): string {
  const cost = usdPerMonth === null ? 'not in the price book' : `$${usdPerMonth.toFixed(2)}`;
  return `${type.split(':').at(-1)} ${name}: ${cost} (${basis})`;
}

function rolesOf({ added, removed, unknownRoles }: Review): string[] {
  const line = (sign: string, { role, action, resource }: GrantChange): string =>
    `${sign} ${role}: ${action} on ${resource}`;
  return [
    ...added.map((one) => `${line('+', one)}: ${one.reason ?? 'NO REASON DECLARED'}`),
    ...removed.map((one) => line('-', one)),
    ...unknownRoles.map((role) => `? ${role}: known when its resources are; judged by pulumi up`),
  ];
}

/** Findings as the engine prints them, each with its resource and message; what a first preview can't judge is counted. */
export function policyFindings(previewText: string): string[] {
  const lines = previewText.split('\n').map((line) => line.trim());
  const findings: string[] = [];
  let deferred = 0;
  for (const [index, line] of lines.entries()) {
    const head = /^- \[(mandatory|advisory)\]\s+(\S+)\s+\((.*)\)$/.exec(line);
    if (!head) continue;
    const rest = lines.slice(index + 1, index + 3);
    if (rest.some((one) => one.startsWith("can't run policy"))) {
      deferred++;
      continue;
    }
    const message = rest.find((one) => one.startsWith('"')) ?? rest[0] ?? '';
    findings.push(`[${head[1]}] ${head[2]}: ${message}`);
  }
  return deferred === 0
    ? findings
    : [...findings, `${deferred} wait for values that are known by the update`];
}
