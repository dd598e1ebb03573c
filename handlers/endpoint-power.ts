import {
  type EndpointPower,
  type PowerOrder,
  type PowerStep,
  powerEventSchema,
  powerStep,
} from '../core/endpoint-power';
import { TierwatchError } from '../core/errors';
import type { LaneSwitchStore } from '../core/lane-switch';
import type { Telemetry } from '../core/ports';

/** The endpoint is being made or changed: what was asked for is tried again. */
export class EndpointChangingError extends TierwatchError {
  override readonly name = 'EndpointChangingError';
  constructor() {
    super('expected an endpoint that can be deleted, found it being made or changed; tried again', {
      code: 'endpoint-changing',
      retryable: true,
    });
  }
}

export interface EndpointPowerDeps {
  readonly power: EndpointPower;
  /** What `follow` follows. */
  readonly laneSwitch: Pick<LaneSwitchStore, 'read'>;
  readonly telemetry: Telemetry;
}

/**
 * Starts the gpu lane's endpoint ahead of busy hours and stops it after, or follows lane-switch; rolls out its
 * configuration, and stops it for good with its stack. Repeating an event changes nothing.
 */
export function createEndpointPower({ power, laneSwitch, telemetry }: EndpointPowerDeps) {
  const orderOf = async (event: unknown): Promise<PowerOrder> => {
    const { action, tf } = powerEventSchema.parse(event);
    if (tf?.action === 'delete') return 'stop';
    if (action !== 'follow') return action;
    return (await laneSwitch.read()).lane === 'gpu' ? 'start' : 'stop';
  };
  return async (event: unknown): Promise<{ readonly step: PowerStep }> => {
    const action = await orderOf(event);
    const status = await power.status();
    const step = powerStep(action, status);
    if (step === 'wait') throw new EndpointChangingError();
    if (step === 'create') await power.create();
    if (step === 'update') await power.update();
    if (step === 'delete') await power.delete();
    if (step === 'register scaling') await power.registerScaling();
    telemetry.log('info', 'endpoint power', { action, status, step });
    return { step };
  };
}
