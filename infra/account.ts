import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Fleet } from '../core/fleet/schema';
import type { InfraConfig } from '../core/infra-config';
import { warmOf } from './config';

/** What an account and a region answer; each rejects where AWS does. */
export interface Account {
  /** Functions that may run at once in the region. */
  concurrency(): Promise<number>;
  /** Endpoints that may run on an instance type in the region; 0 where there are none of it. */
  endpointInstances(instanceType: string): Promise<number>;
  /** @throws where the image is not there */
  image(uri: string): Promise<unknown>;
}

/** Lambda leaves so many to functions that reserve none: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html */
const UNRESERVED = 100;
/** "Concurrent executions": https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html */
const CONCURRENCY_QUOTA = 'L-B99A9384';
const ECR_IMAGE =
  /^(?<registryId>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com\/(?<repositoryName>[^:@]+)(:(?<imageTag>[\w.-]+))?(@(?<imageDigest>sha256:[0-9a-f]{64}))?$/;

export interface Asking {
  readonly environment: string;
  readonly config: InfraConfig;
  readonly fleet: Fleet;
}

/**
 * Asks AWS what only AWS knows, before anything is created.
 * @throws {pulumi.RunError} with every problem, each by its key
 */
export async function checkAccount(
  { environment, config, fleet }: Asking,
  account: Account = ASKED_OF_AWS,
): Promise<void> {
  const found = await Promise.all([
    concurrencyProblem(config, account),
    warmProblem({ config, fleet }, account),
    instanceProblem(config, account),
    imageProblem('image', config.image, account),
    imageProblem('gpu.image', config.gpu?.image, account),
  ]);
  const lines = found.filter((one) => one !== null).map((one) => `  tierwatch:${one}`);
  if (lines.length === 0) return;
  throw new pulumi.RunError(
    `Pulumi.${environment}.yaml: nothing was created; the account says\n${lines.join('\n')}`,
  );
}

async function concurrencyProblem(
  { detectMaxConcurrency, isConcurrencyReserved }: InfraConfig,
  account: Account,
): Promise<string | null> {
  const limit = await account.concurrency();
  const most = isConcurrencyReserved ? limit - UNRESERVED : limit;
  if (detectMaxConcurrency <= most) return null;
  const left = isConcurrencyReserved ? ` (${UNRESERVED} of ${limit} stay unreserved)` : '';
  return `detectMaxConcurrency: expected at most ${most}, what this account may run at once${left}, found ${detectMaxConcurrency}; write less, or ask AWS for more: Service Quotas, Lambda, "Concurrent executions"`;
}

/** What is warm comes out of what is reserved for its function, where something is; else out of the account's. */
async function warmProblem(
  given: Pick<Asking, 'config' | 'fleet'>,
  account: Account,
): Promise<string | null> {
  const { config } = given;
  const warm = warmOf(given);
  if (!warm || config.isConcurrencyReserved) return null;
  const limit = await account.concurrency();
  const most = Math.max(0, limit - UNRESERVED);
  const found = Math.max(warm.max, ...warm.schedules.map(({ max }) => max));
  if (found <= most) return null;
  const key = config.provisionedConcurrency ? 'provisionedConcurrency' : 'maxWarm';
  return `${key}: expected at most ${most} warm environments, what this account may keep (${UNRESERVED} of ${limit} stay unreserved), found ${found}; write less, or ask AWS for more: Service Quotas, Lambda, "Concurrent executions"`;
}

async function instanceProblem({ gpu }: InfraConfig, account: Account): Promise<string | null> {
  if (!gpu) return null;
  const { instanceType, maxInstances } = gpu;
  const most = await account.endpointInstances(instanceType);
  if (maxInstances <= most) return null;
  return `gpu.instanceType: expected ${maxInstances} of "${instanceType}" (gpu.maxInstances), found that this account may run ${most} in this region; write another type or fewer, or ask AWS for more: Service Quotas, SageMaker, "${quotaOf(instanceType)}"`;
}

async function imageProblem(
  key: string,
  uri: string | undefined,
  account: Account,
): Promise<string | null> {
  if (uri === undefined || !ECR_IMAGE.test(uri)) return null;
  try {
    await account.image(uri);
    return null;
  } catch (error) {
    return `${key}: expected an image of ECR, found none by "${uri}" (${firstLine(error)}); push it, or name one that is there`;
  }
}

function quotaOf(instanceType: string): string {
  return `${instanceType} for endpoint usage`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

const ASKED_OF_AWS: Account = {
  async concurrency() {
    const quota = { serviceCode: 'lambda', quotaCode: CONCURRENCY_QUOTA };
    return (await aws.servicequotas.getServiceQuota(quota)).value;
  },
  async endpointInstances(instanceType) {
    const quota = { serviceCode: 'sagemaker', quotaName: quotaOf(instanceType) };
    try {
      return (await aws.servicequotas.getServiceQuota(quota)).value;
    } catch (error) {
      // A region without the type has no quota of it.
      if (/not found|no .*quota/i.test(firstLine(error))) return 0;
      throw error;
    }
  },
  async image(uri) {
    const { registryId, region, repositoryName, imageTag, imageDigest } =
      ECR_IMAGE.exec(uri)!.groups!;
    return aws.ecr.getImage({
      registryId: registryId!,
      region: region!,
      repositoryName: repositoryName!,
      ...(imageDigest ? { imageDigest } : { imageTag: imageTag ?? 'latest' }),
    });
  },
};
