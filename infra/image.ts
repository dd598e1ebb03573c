import { join } from 'node:path';
import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';

const ROOT = join(__dirname, '..');
const KEPT_IMAGES = 20;

/** URI of the image of all functions: built here and pushed, or the one that configuration names. */
export function functionsImage(
  name: string,
  { image, architecture }: InfraConfig,
): pulumi.Output<string> {
  if (image) return pulumi.output(image);
  const repository = new aws.ecr.Repository(name, {
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfigurations: [{ encryptionType: 'AES256' }],
  });
  new aws.ecr.LifecyclePolicy(name, {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: `the last ${KEPT_IMAGES}: enough to roll back`,
          selection: {
            tagStatus: 'any',
            countType: 'imageCountMoreThan',
            countNumber: KEPT_IMAGES,
          },
          action: { type: 'expire' },
        },
      ],
    }),
  });
  return new awsx.ecr.Image(name, {
    repositoryUrl: repository.repositoryUrl,
    context: ROOT,
    dockerfile: join(ROOT, 'handlers/Dockerfile'),
    platform: architecture === 'arm64' ? 'linux/arm64' : 'linux/amd64',
  }).imageUri;
}
