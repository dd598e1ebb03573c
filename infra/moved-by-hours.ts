import * as aws from '@pulumi/aws';
import type { CustomResourceOptions, Input } from '@pulumi/pulumi';
import type { ScalingHours } from '../core/infra-config';

/** What autoscaling knows a target by. */
export interface ScalableName {
  readonly serviceNamespace: Input<string>;
  readonly scalableDimension: Input<string>;
  readonly resourceId: Input<string>;
}

/**
 * A scheduled action writes its bounds into the target at AWS: from then on they are no drift, and a `pulumi up` with
 * `--refresh` at noon does not put the night's back. Without one the program's own hold.
 */
export function movedByHours(schedules: readonly unknown[]): CustomResourceOptions {
  return schedules.length === 0 ? {} : { ignoreChanges: ['minCapacity', 'maxCapacity'] };
}

/** The hours from which on a target has other bounds: one scheduled action each. */
export function moveByHours(
  name: string,
  of: ScalableName,
  {
    schedules,
    options,
  }: { readonly schedules: readonly ScalingHours[]; readonly options: CustomResourceOptions },
): void {
  for (const [index, { cron, timezone, min, max }] of schedules.entries()) {
    new aws.appautoscaling.ScheduledAction(
      `${name}-${index}`,
      {
        ...of,
        schedule: cron,
        timezone,
        scalableTargetAction: { minCapacity: min, maxCapacity: max },
      },
      options,
    );
  }
}
