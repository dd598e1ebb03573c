import type { Judged, Limits, Rule } from '../../../policies/rule';

type Stack = readonly Judged[];

/** What is special or is said, of a stack, under limits. */
export type Case = readonly [what: string, stack: Stack, limits?: Limits];

/** A rule with what it says of stacks; each message goes on with the rule's fix. */
export interface RuleCases {
  readonly rule: Rule;
  /** What to write, as the rule's every message ends. */
  readonly fix: string;
  /** Stacks beside the theme's good one that pass, by what is special about them. */
  readonly passes?: readonly Case[];
  /** Stacks that fail, each with the message up to the fix. */
  readonly fails: readonly Case[];
  /** Limits of every case, and of the good stack. @default the strict ones */
  readonly limits?: Limits;
}

/** The rules of a theme, and a stack that is as all of them want it. */
export interface ThemeCases {
  readonly good: Stack;
  readonly rules: readonly RuleCases[];
}
