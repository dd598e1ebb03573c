import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  SageMakerClient,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import type { EndpointPower, EndpointStatus } from '../../core/endpoint-power';
import type { ScalingHours } from '../../core/infra-config';
import { type ClientOptions, clientConfig } from './clients';

export interface PowerClients {
  readonly sagemaker: SageMakerClient;
  readonly scaling: ApplicationAutoScalingClient;
}

export function createPowerClients(options: ClientOptions): PowerClients {
  const config = clientConfig(options);
  return {
    sagemaker: new SageMakerClient(config),
    scaling: new ApplicationAutoScalingClient(config),
  };
}

export interface PowerOptions {
  readonly endpointName: string;
  readonly endpointConfig: string;
  readonly variant: string;
  /** Instances, and the requests at once on one of them that is aimed at. */
  readonly scaling: {
    readonly min: number;
    readonly max: number;
    readonly target: number;
    /** When both change. */
    readonly schedules: readonly ScalingHours[];
  };
  /** Of an endpoint that is made. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Makes and deletes the gpu lane's endpoint: a real-time endpoint can't scale to nothing. */
export class SageMakerPower implements EndpointPower {
  constructor(
    private readonly clients: PowerClients,
    private readonly options: PowerOptions,
  ) {}

  async status(): Promise<EndpointStatus> {
    try {
      const EndpointName = this.options.endpointName;
      const command = new DescribeEndpointCommand({ EndpointName });
      const { EndpointStatus, EndpointConfigName } = await this.clients.sagemaker.send(command);
      if (EndpointStatus === 'Failed') return 'failed';
      if (EndpointStatus !== 'InService') return 'changing';
      return EndpointConfigName === this.options.endpointConfig ? 'in service' : 'outdated';
    } catch (error) {
      // SageMaker's word for an endpoint that is not there.
      if (/could not find|not found/i.test((error as Error).message)) return 'absent';
      throw error;
    }
  }

  async create(): Promise<void> {
    const { endpointName, endpointConfig, tags = {} } = this.options;
    const named = { EndpointName: endpointName, EndpointConfigName: endpointConfig };
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.clients.sagemaker.send(new CreateEndpointCommand({ ...named, Tags }));
  }

  async update(): Promise<void> {
    const { endpointName: EndpointName, endpointConfig: EndpointConfigName } = this.options;
    await this.clients.sagemaker.send(
      new UpdateEndpointCommand({ EndpointName, EndpointConfigName }),
    );
  }

  async delete(): Promise<void> {
    const EndpointName = this.options.endpointName;
    await this.clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName }));
  }

  /** What went with the endpoint: its scaling target, policy and hours. Repeating it changes nothing. */
  async registerScaling(): Promise<void> {
    const { endpointName, variant, scaling } = this.options;
    const of = {
      ServiceNamespace: 'sagemaker',
      ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      ResourceId: `endpoint/${endpointName}/variant/${variant}`,
    } as const;
    await this.clients.scaling.send(
      new RegisterScalableTargetCommand({
        ...of,
        MinCapacity: scaling.min,
        MaxCapacity: scaling.max,
      }),
    );
    await this.clients.scaling.send(
      new PutScalingPolicyCommand({
        ...of,
        PolicyName: endpointName,
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: scaling.target,
          PredefinedMetricSpecification: {
            PredefinedMetricType: 'SageMakerVariantConcurrentRequestsPerModelHighResolution',
          },
        },
      }),
    );
    for (const [index, { cron, timezone, min, max }] of scaling.schedules.entries()) {
      await this.clients.scaling.send(
        new PutScheduledActionCommand({
          ...of,
          ScheduledActionName: `${endpointName}-${index}`,
          Schedule: cron,
          Timezone: timezone,
          ScalableTargetAction: { MinCapacity: min, MaxCapacity: max },
        }),
      );
    }
  }
}
