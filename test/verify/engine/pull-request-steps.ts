/** What a step of `.github/workflows/pull-request.yml` is here: done by name, or not needed, and why. */
export type Here =
  | { readonly step: StepName; readonly why?: never }
  | { readonly step?: never; readonly why: string };

/** Steps that `npm run preview` takes, in their order. */
export const STEP_NAMES = [
  'tests',
  'check',
  'repository',
  'environments',
  'plan',
  'fleet',
  'policies',
  'review',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** What became of a step; `text` is for the line that sums it up. */
export interface Outcome {
  readonly outcome: 'passed' | 'failed' | 'left out';
  readonly text: string;
}

const CHECKOUT = { why: 'the working tree is here' };
const NODE = { why: 'Node comes with the packages' };

/**
 * Every step of the workflow, job by job, by its action or the first line of its commands, and what is here in its place. A
 * test compares it with the workflow: neither can change alone.
 */
export const PULL_REQUEST_STEPS: readonly (readonly [job: string, there: string, here: Here])[] = [
  ['check', 'actions/checkout@v4', CHECKOUT],
  ['check', 'actions/setup-node@v4', NODE],
  ['check', 'npm cit', { step: 'tests' }],
  ['check', 'npm run check', { step: 'check' }],
  ['check', 'node cli/run-typescript.js infra/check-repository.ts', { step: 'repository' }],
  ['environments', 'actions/checkout@v4', CHECKOUT],
  [
    'environments',
    '.github/touched-environments.sh "$BASE" >> "$GITHUB_OUTPUT"',
    { step: 'environments' },
  ],
  ['preview', 'actions/checkout@v4', CHECKOUT],
  ['preview', 'actions/setup-node@v4', NODE],
  ['preview', 'pulumi/actions@v6', { why: 'pulumi is on the path, or built from its Go module' }],
  ['preview', 'npm ci', { why: 'the packages are here' }],
  ['preview', 'aws-actions/configure-aws-credentials@v4', { why: 'a stand-in of AWS is asked' }],
  ['preview', 'pulumi login "$STATE"', { why: 'the state is a folder' }],
  [
    'preview',
    'pulumi preview --stack "$ENVIRONMENT" --non-interactive --json --show-sames > plan.json',
    { step: 'plan' },
  ],
  [
    'preview',
    'npx tierwatch fleet diff --env "$ENVIRONMENT" --against "$BASE" > fleet.txt',
    { step: 'fleet' },
  ],
  [
    'preview',
    'pulumi preview --stack "$ENVIRONMENT" --non-interactive --diff --color never --policy-pack policies --policy-pack-config "policies/$ENVIRONMENT.json" | tee preview.txt',
    { step: 'policies' },
  ],
  [
    'preview',
    'node cli/run-typescript.js infra/review-plan.ts "$ENVIRONMENT" plan.json preview.txt fleet.txt > "review-$ENVIRONMENT.md"',
    { step: 'review' },
  ],
  ['preview', 'actions/upload-artifact@v4', { why: 'the review is printed' }],
  ['comment', 'actions/download-artifact@v4', { why: 'the review is printed' }],
  [
    'comment',
    'cat review-*.md > comment.md; gh pr comment "$NUMBER" --repo "$REPOSITORY" --edit-last --create-if-none --body-file comment.md',
    { why: 'the review is printed' },
  ],
];
