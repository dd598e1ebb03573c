import * as exposure from '../../../policies/exposure';
import { arnOf, made, spoil } from '../judged';
import type { ThemeCases } from './case';

const ACCOUNT = { StringEquals: { 'aws:SourceAccount': '123456789012' } };
const sends = (change = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arnOf('sqs', 'landed'),
        Condition: ACCOUNT,
        ...change,
      },
    ],
  });
const queuePolicy = made('aws:sqs/queuePolicy:QueuePolicy', 'landed', { policy: sends() });
const permission = made('aws:lambda/permission:Permission', 'api', {
  action: 'lambda:InvokeFunction',
  principal: 'apigateway.amazonaws.com',
  sourceArn: arnOf('execute-api', 'a1b2/*'),
});
const database = made('aws:timestreaminfluxdb/dbInstance:DbInstance', 'series', {
  publiclyAccessible: false,
});
const ingress = made('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'series', {
  referencedSecurityGroupId: 'sg-1',
});
const group = made('aws:ec2/securityGroup:SecurityGroup', 'series', { description: 'series' });
const url = made('aws:lambda/functionUrl:FunctionUrl', 'api', { authorizationType: 'AWS_IAM' });
const subscription = made('aws:sns/topicSubscription:TopicSubscription', 'ops', {
  protocol: 'https',
});
const good = [queuePolicy, permission, database, ingress, group, url, subscription];

const policyOf = (change: object) => spoil(good, queuePolicy, { policy: sends(change) });
const LOOSE =
  '"landed": expected named principals, found s3.amazonaws.com on behalf of any account';

export const EXPOSURE: ThemeCases = {
  good,
  rules: [
    {
      rule: exposure.policyIsNotPublic,
      fix: 'name the principal, and give a service the condition aws:SourceAccount or aws:SourceArn (sourceAccount or sourceArn of a Permission)',
      passes: [
        ['a denial of everybody', policyOf({ Effect: 'Deny', Principal: '*' })],
        [
          'a service on behalf of one bucket',
          policyOf({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::footage-1' } } }),
        ],
      ],
      fails: [
        ['"landed": expected named principals, found everybody', policyOf({ Principal: '*' })],
        [
          '"landed": expected named principals, found everybody',
          policyOf({ Principal: { AWS: ['*'] } }),
        ],
        [LOOSE, policyOf({ Condition: {} })],
        [LOOSE, policyOf({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } } })],
        [LOOSE, policyOf({ Condition: { StringLike: { 'aws:SourceAccount': '*' } } })],
        [
          '"api": expected named principals, found apigateway.amazonaws.com on behalf of any account',
          spoil(good, permission, { sourceArn: undefined }),
        ],
        [
          '"api": expected named principals, found everybody',
          spoil(good, permission, { principal: '*' }),
        ],
      ],
    },
    {
      rule: exposure.closedToTheInternet,
      fix: 'set publiclyAccessible: false, name the security group that may come in, or authorise by AWS_IAM',
      fails: [
        [
          '"series": expected no door to the internet, found a public address',
          spoil(good, database, { publiclyAccessible: true }),
        ],
        [
          '"series": expected no door to the internet, found 0.0.0.0/0',
          spoil(good, ingress, { cidrIpv4: '0.0.0.0/0' }),
        ],
        [
          '"series": expected no door to the internet, found ::/0',
          spoil(good, group, { ingress: [{ ipv6CidrBlocks: ['10::/64', '::/0'] }] }),
        ],
        [
          '"api": expected no door to the internet, found an address without authorisation',
          spoil(good, url, { authorizationType: 'NONE' }),
        ],
      ],
    },
    {
      rule: exposure.alertsAreSentOverTls,
      fix: 'subscribe an https address',
      fails: [['"ops": expected TLS, found http', spoil(good, subscription, { protocol: 'http' })]],
    },
  ],
};
