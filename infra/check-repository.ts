import { checkRepository, describeOutcome } from './repository-checks';

/** `node cli/run-typescript.js infra/check-repository.ts`: ends 1 where a check fails, or could not be made. */
function main(): void {
  const outcomes = checkRepository();
  for (const one of outcomes) console.log(describeOutcome(one));
  if (outcomes.some(({ outcome }) => outcome !== 'passed')) process.exitCode = 1;
}

main();
