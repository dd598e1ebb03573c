import { spawnSync } from 'node:child_process';
import { fleetObjectsUrn } from './fleet-objects';

/**
 * `npm run fleet:up -- ENV`: publishes the compiled fleet of an environment and nothing else, in seconds,
 * under a role that may write only there.
 */
function main([environment, ...more]: readonly string[]): void {
  if (!environment || environment.startsWith('-')) {
    console.error('Usage: npm run fleet:up -- ENVIRONMENT [options of "pulumi up"]');
    process.exitCode = 2;
    return;
  }
  const objects = fleetObjectsUrn(environment);
  const { status, error } = spawnSync(
    'pulumi',
    ['up', '--stack', environment, '--target', objects, ...more],
    { stdio: 'inherit' },
  );
  if (error)
    console.error(`pulumi: ${error.message}; install it: https://www.pulumi.com/docs/install/`);
  process.exitCode = status ?? 1;
}

main(process.argv.slice(2));
