import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { PULL_REQUEST_STEPS, STEP_NAMES } from '../verify/engine/pull-request-steps';

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>
  >;
}

const ROOT = join(__dirname, '../..');
const workflow = parse(
  readFileSync(join(ROOT, '.github/workflows/pull-request.yml'), 'utf8'),
) as Workflow;

/** The commands of a step as one line. */
function commandsOf(run: string): string {
  return run
    .trim()
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .replaceAll('\n', '; ');
}

it('each step of the pull request’s workflow has its place in `npm run preview`, or says why it needs none', () => {
  const there = Object.entries(workflow.jobs).flatMap(([job, { steps }]) =>
    steps.map(({ uses, run }) => [job, uses ?? commandsOf(run!)]),
  );
  expect(PULL_REQUEST_STEPS.map(([job, step]) => [job, step])).toEqual(there);
});

it('`npm run preview` takes those steps in the workflow’s order, each once', () => {
  const taken = PULL_REQUEST_STEPS.flatMap(([, , { step }]) => step ?? []);
  expect(taken).toEqual([...STEP_NAMES]);
});
