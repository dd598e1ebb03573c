import { readFileSync } from 'node:fs';
import { US_EAST_1 } from '../core/prices/us-east-1';
import { planSchema, reviewIdleCost, reviewPlan, unreasoned } from '../core/review';
import { renderReview } from '../core/review-report';
import { declaredReason } from './declared-reason';

/**
 * `node cli/run-typescript.js infra/review-plan.ts ENV PLAN.json PREVIEW.txt FLEET.txt`: prints the comment of a
 * pull request; ends 1 where a role wins something that nobody gave a reason for.
 */
function main([environment, plan, preview, fleet]: readonly string[]): void {
  if (!environment || !plan || !preview || !fleet) {
    console.error('Usage: infra/review-plan.ts ENVIRONMENT PLAN.json PREVIEW.txt FLEET.txt');
    process.exitCode = 2;
    return;
  }
  const text = (file: string): string => readFileSync(file, 'utf8');
  const planned = planSchema.parse(JSON.parse(text(plan)));
  const review = reviewPlan(planned, declaredReason);
  const idle = reviewIdleCost(planned, US_EAST_1);
  const previewText = text(preview);
  console.log(renderReview({ environment, review, idle, previewText, fleetDiff: text(fleet) }));
  if (unreasoned(review).length > 0) process.exitCode = 1;
}

main(process.argv.slice(2));
