import { z } from 'zod';

/** What a schedule asks of endpoint-power. */
export const powerEventSchema = z.strictObject({
  action: z
    .enum(['start', 'stop', 'tend', 'follow'])
    .describe(
      'Make the endpoint, delete it, put back what went with it, or do as lane-switch says',
    ),
});
export type PowerAction = z.infer<typeof powerEventSchema>['action'];

/** What is done, once it is known what to follow. */
export type PowerOrder = Exclude<PowerAction, 'follow'>;

export type EndpointStatus = 'absent' | 'changing' | 'in service' | 'failed';

/** The gpu lane's endpoint, for who may make and delete it. */
export interface EndpointPower {
  status(): Promise<EndpointStatus>;
  create(): Promise<void>;
  delete(): Promise<void>;
  registerScaling(): Promise<void>;
}

export type PowerStep = 'create' | 'delete' | 'register scaling' | 'wait' | 'nothing';

/** What is to be done, whatever was done before: schedules come late, twice, or not at all. */
export function powerStep(action: PowerOrder, status: EndpointStatus): PowerStep {
  if (action === 'start') return status === 'absent' ? 'create' : 'nothing';
  if (action === 'tend') return status === 'in service' ? 'register scaling' : 'nothing';
  // An endpoint that is being made or changed can't be deleted yet: the schedule tries again.
  if (status === 'changing') return 'wait';
  return status === 'absent' ? 'nothing' : 'delete';
}
