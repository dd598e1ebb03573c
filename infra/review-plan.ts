import { readFileSync } from 'node:fs';
import { planSchema } from '../core/review';
import { reviewEnvironment } from './review-environment';

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
  const review = reviewEnvironment({
    environment,
    plan: planSchema.parse(JSON.parse(text(plan))),
    previewText: text(preview),
    fleetDiff: text(fleet),
  });
  console.log(review.text);
  if (review.isRefused) process.exitCode = 1;
}

main(process.argv.slice(2));
