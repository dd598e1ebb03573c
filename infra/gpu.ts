import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { GpuConfig, InfraConfig } from '../core/infra-config';
import { CAPTURE_PERMISSIONS } from '../core/permissions';
import { endpointRole } from './endpoint-role';
import { scaleByRequests } from './gpu-scaling';
import { expireAfter, PrivateBucket } from './private-bucket';

export interface GpuArgs {
  readonly config: InfraConfig;
  readonly gpu: GpuConfig;
  /** Bundle that it serves: `s3://…tar.gz`. @default the one in its image */
  readonly bundle?: pulumi.Input<string> | undefined;
  readonly key?: aws.kms.Key | undefined;
}

const CHAMPION = 'main';
/** Asked by name alone: no share of the traffic comes by itself. */
export const CHALLENGER = 'challenger';
const MODEL_FOLDER = '/opt/ml/model';
const IMAGE_MODEL_FOLDER = '/app/model-build/default';
/**
 * Driver 580, CUDA 13, as the image's base needs: left out, g4dn and g5 come with driver 470, on which CUDA 13 does not start.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/inference-gpu-drivers.html
 */
export const GPU_HOST = 'al2023-ami-sagemaker-inference-gpu-4-1';
/** A GPU image is some GB, and the model warms up before `/ping` answers. */
export const START_SECONDS = 600;

/** Whether endpoint-power makes and deletes the endpoint: then Pulumi does not, and a stopped one is no drift. */
export function isPowered({ power, lane }: GpuConfig): boolean {
  return power !== undefined || lane === 'auto';
}

/**
 * The gpu lane's endpoint: models, configuration, and where it always runs the endpoint itself with its scaling. Earlier
 * models and configurations stay at AWS: an endpoint is rolled back by the name of its configuration.
 */
export class Gpu extends pulumi.ComponentResource {
  readonly endpointName: pulumi.Output<string>;
  readonly endpointArn: pulumi.Output<string>;
  readonly variant = CHAMPION;
  /** Of the configuration that is served. */
  readonly configurationName: pulumi.Output<string>;
  readonly configurationArn: pulumi.Output<string>;

  constructor(name: string, args: GpuArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Gpu', name, {}, options);
    const parent = { parent: this };
    const kept = { ...parent, retainOnDelete: true };
    const { config, gpu, bundle, key } = args;
    const { challenger } = gpu;
    const bundles = [bundle, challenger?.model].filter((one) => one !== undefined);
    const capture = captureOf(name, args, parent);
    const { logs, role, policy } = endpointRole(
      name,
      { config, image: gpu.image, bundles, more: capture?.access },
      parent,
    );
    const modelOf = (part: string, served: GpuArgs['bundle']): aws.sagemaker.Model =>
      new aws.sagemaker.Model(
        part,
        {
          executionRoleArn: role.arn,
          primaryContainer: containerOf(gpu.image, served),
          enableNetworkIsolation: true,
        },
        { ...kept, dependsOn: [policy] },
      );
    const variantOf = (variantName: string, model: aws.sagemaker.Model, weight: number) => ({
      variantName,
      modelName: model.name,
      instanceType: gpu.instanceType,
      inferenceAmiVersion: GPU_HOST,
      initialInstanceCount: variantName === CHAMPION ? gpu.minInstances : 1,
      initialVariantWeight: weight,
      containerStartupHealthCheckTimeoutInSeconds: START_SECONDS,
    });
    const champion = variantOf(CHAMPION, modelOf(name, bundle), 1);
    const configuration = new aws.sagemaker.EndpointConfiguration(
      name,
      {
        ...(key ? { kmsKeyArn: key.arn } : {}),
        productionVariants: challenger
          ? [champion, variantOf(CHALLENGER, modelOf(`${name}-challenger`, challenger.model), 0)]
          : [champion],
        ...(capture ? { dataCaptureConfig: capture.settings } : {}),
      },
      kept,
    );
    const served = servedBy(configuration, gpu.rollbackTo);
    this.configurationName = served.name;
    this.configurationArn = served.arn;
    if (isPowered(gpu)) {
      this.endpointName = pulumi.output(name);
      this.endpointArn = endpointArn(name);
    } else {
      const endpoint = new aws.sagemaker.Endpoint(
        name,
        { name, endpointConfigName: served.name },
        { ...parent, dependsOn: [logs] },
      );
      this.endpointName = endpoint.name;
      this.endpointArn = endpoint.arn;
      scaleByRequests(name, { endpoint, variant: CHAMPION, gpu }, parent);
    }
    this.registerOutputs({ endpoint: this.endpointName });
  }
}

/** A bucket of its own for what is captured of the endpoint, and what its role needs for that. */
function captureOf(
  name: string,
  { config, gpu, key }: GpuArgs,
  parent: pulumi.CustomResourceOptions,
) {
  if (!gpu.capture) return undefined;
  const { percent, days } = gpu.capture;
  const store = new PrivateBucket(
    `${name}-capture`,
    { key, isProtected: config.isProtected, rules: [expireAfter(days)] },
    parent,
  );
  const settings = {
    enableCapture: true,
    initialSamplingPercentage: percent,
    destinationS3Uri: pulumi.interpolate`s3://${store.bucket.id}/captured`,
    captureOptions: [{ captureMode: 'Input' }, { captureMode: 'Output' }],
    ...(key ? { kmsKeyId: key.arn } : {}),
  };
  const arns = { captureObjects: store.objectsArn, dataKey: key ? key.arn : null };
  return { settings, access: { permissions: CAPTURE_PERMISSIONS, arns } };
}

/** The container of the model server, by its own bundle or the image's. */
export function containerOf(
  image: string,
  bundle: GpuArgs['bundle'],
  more: Readonly<Record<string, string>> = {},
) {
  return {
    image,
    ...(bundle ? { modelDataUrl: bundle } : {}),
    environment: {
      TIERWATCH_ENDPOINT_DEVICE: 'cuda',
      TIERWATCH_ENDPOINT_MODEL: bundle ? MODEL_FOLDER : IMAGE_MODEL_FOLDER,
      ...more,
    },
  };
}

/** The newest configuration, or an earlier one by its name. */
function servedBy(configuration: aws.sagemaker.EndpointConfiguration, earlier: string | undefined) {
  if (!earlier) return configuration;
  // The ARN's last part is the name.
  return {
    name: configuration.name.apply(() => earlier),
    arn: configuration.arn.apply((arn) => arn.replace(/[^/]+$/, earlier.toLowerCase())),
  };
}

function endpointArn(name: string): pulumi.Output<string> {
  const { accountId } = aws.getCallerIdentityOutput();
  const { region } = aws.getRegionOutput();
  return pulumi.interpolate`arn:aws:sagemaker:${region}:${accountId}:endpoint/${name}`;
}
