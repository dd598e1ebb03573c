import type { CustomResourceOptions } from '@pulumi/pulumi';

/**
 * A scheduled action writes its bounds into the target at AWS: from then on they are no drift, and a `pulumi up` with
 * `--refresh` at noon does not put the night's back. Without one the program's own hold.
 */
export function movedByHours(schedules: readonly unknown[]): CustomResourceOptions {
  return schedules.length === 0 ? {} : { ignoreChanges: ['minCapacity', 'maxCapacity'] };
}
