import * as pulumi from '@pulumi/pulumi';

/** One resource as the program asked for it, its outputs resolved. */
export interface Asked {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** As the provider would answer, its id among them. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Inputs that AWS moves by itself. */
  readonly ignoreChanges: readonly string[];
}

const ACCOUNT = '123456789012';

/** Runs a program against Pulumi's mocks and gives back every resource, once all outputs are known. */
export async function runProgram(
  program: () => unknown,
  { stack }: { readonly stack: string },
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const ignored = new Map<string, readonly string[]>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const id = `${name}-id`;
        const state = stateOf(type, name, inputs);
        asked.push({
          ...{ type, name, inputs: inputs as Asked['inputs'], outputs: { ...state, id } },
          ignoreChanges: ignored.get(`${type} ${name}`) ?? [],
        });
        return { id, state };
      },
      call: ({ token, inputs }) => {
        if (token.endsWith('getCallerIdentity')) return { accountId: ACCOUNT };
        if (token.endsWith('getAvailabilityZones')) return { names: ['us-east-1a', 'us-east-1b'] };
        if (token.endsWith('getRandomPassword')) return { randomPassword: 'drawn' };
        if (token.endsWith('getRegion')) return { region: 'us-east-1' };
        return inputs;
      },
    },
    'tierwatch',
    stack,
    false,
  );
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
      ignored.set(`${type} ${name}`, opts.ignoreChanges ?? []);
      return undefined;
    });
    return program();
  });
  await pulumi.runtime.disconnect();
  return asked;
}

function stateOf(
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const service = type.split(':')[1]?.split('/')[0] ?? '';
  return {
    ...inputs,
    name: inputs.name ?? name,
    arn:
      service === 's3'
        ? `arn:aws:s3:::${name}-id`
        : `arn:aws:${service}:us-east-1:${ACCOUNT}:${name}`,
    url: `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/${name}`,
    keyId: name,
    apiEndpoint: `https://${name}.execute-api.us-east-1.amazonaws.com`,
    executionArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${name}`,
    bucketRegionalDomainName: `${name}-id.s3.us-east-1.amazonaws.com`,
    domainName: `${name}.cloudfront.net`,
    endpoint: `${name}.timestream-influxdb.us-east-1.on.aws`,
    influxAuthParametersSecretArn: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:READONLY-${name}`,
    version: '1',
    repositoryUrl: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/${name}`,
    imageUri: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/${name}:sha`,
  };
}
