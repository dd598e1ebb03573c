import * as z from 'zod';

/** What asks endpoint-power: a schedule, or Pulumi about its own resource (`tf`), whose end is the endpoint's. */
export const powerEventSchema = z.strictObject({
  action: z
    .enum(['start', 'stop', 'tend', 'follow'])
    .describe('Make the endpoint, delete it, put right what is there, or do as lane-switch says'),
  configuration: z.string().optional().describe('So that Pulumi asks again when it changes'),
  tf: z.looseObject({ action: z.enum(['create', 'update', 'delete']) }).optional(),
});
export type PowerEvent = z.infer<typeof powerEventSchema>;
/** What is done, once it is known what to follow. */
export type PowerOrder = Exclude<PowerEvent['action'], 'follow'>;

/** `outdated`: in service, with another configuration than it should have. */
export type EndpointStatus = 'absent' | 'changing' | 'in service' | 'outdated' | 'failed';

/** The gpu lane's endpoint, for who may make, change and delete it. */
export interface EndpointPower {
  status(): Promise<EndpointStatus>;
  create(): Promise<void>;
  /** Rolls out the configuration it should have; it stays in service meanwhile. */
  update(): Promise<void>;
  delete(): Promise<void>;
  registerScaling(): Promise<void>;
}

export type PowerStep = 'create' | 'update' | 'delete' | 'register scaling' | 'wait' | 'nothing';

/** What is to be done, whatever was done before: schedules come late, twice, or not at all. */
export function powerStep(order: PowerOrder, status: EndpointStatus): PowerStep {
  // An endpoint that is being made or changed can't be deleted yet: it is tried again.
  if (order === 'stop') {
    if (status === 'changing') return 'wait';
    return status === 'absent' ? 'nothing' : 'delete';
  }
  if (status === 'outdated') return 'update';
  if (order === 'start') return status === 'absent' ? 'create' : 'nothing';
  return status === 'in service' ? 'register scaling' : 'nothing';
}
