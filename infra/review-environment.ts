import { US_EAST_1 } from '../core/prices/us-east-1';
import { type Plan, reviewIdleCost, reviewPlan, unreasoned } from '../core/review';
import { renderReview } from '../core/review-report';
import { declaredReason } from './declared-reason';

export interface EnvironmentReview {
  readonly environment: string;
  readonly plan: Plan;
  /** What pulumi printed with the policy pack. */
  readonly previewText: string;
  /** What `tierwatch fleet diff` printed. */
  readonly fleetDiff: string;
}

/**
 * What a change does to one environment: the comment of a pull request, and what `npm run preview` prints.
 * @returns `isRefused` where a role wins something that nobody gave a reason for
 */
export function reviewEnvironment({ plan, ...given }: EnvironmentReview) {
  const review = reviewPlan(plan, declaredReason);
  const idle = reviewIdleCost(plan, US_EAST_1);
  const text = renderReview({ ...given, review, idle });
  return { idle, text, isRefused: unreasoned(review).length > 0 };
}
