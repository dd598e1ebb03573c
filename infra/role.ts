import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Permission, ResourceName } from '../core/permissions';

/** ARNs of the parts that functions may be given access to; null: this environment has no such part. */
export type ResourceArns = Readonly<
  Partial<Record<ResourceName, pulumi.Input<string | string[]> | null>>
>;

export interface FunctionRoleArgs {
  readonly permissions: readonly Permission[];
  readonly arns: ResourceArns;
}

/** A role that Lambda alone, for this account, may take, with exactly the permissions that were declared. */
export class FunctionRole extends pulumi.ComponentResource {
  readonly role: aws.iam.Role;

  constructor(name: string, args: FunctionRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:FunctionRole', name, {}, options);
    const parent = { parent: this };
    this.role = new aws.iam.Role(
      name,
      { assumeRolePolicy: trustOf('lambda.amazonaws.com') },
      parent,
    );
    new aws.iam.RolePolicy(
      name,
      { role: this.role.id, policy: policyOf(args.permissions, args.arns) },
      parent,
    );
    this.registerOutputs({ arn: this.role.arn });
  }
}

/** One statement a permission on a part that is there. @throws {RangeError} for a part that nobody thought of */
export function policyOf(
  permissions: readonly Permission[],
  arns: ResourceArns,
): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: permissions.flatMap(({ actions, resource }) => {
      const arn = resource === 'everything' ? '*' : arns[resource];
      if (arn === undefined) {
        throw new RangeError(`"${resource}": expected an ARN of this environment, found none`);
      }
      return arn === null ? [] : [{ Effect: 'Allow', Action: [...actions], Resource: arn }];
    }),
  });
}

/** Trust in one service, on behalf of this account alone: no other customer's resource can use the role. */
export function trustOf(service: string): pulumi.Output<string> {
  const { accountId } = aws.getCallerIdentityOutput();
  return pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
      },
    ],
  });
}
