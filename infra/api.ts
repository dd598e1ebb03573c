import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';
import type { ImageFunction } from './image-function';
import type { SignIn } from './sign-in';

export interface ApiArgs {
  readonly target: ImageFunction;
  readonly signIn: SignIn;
  readonly config: InfraConfig;
}

/** Everything is asked with a token, but for exchanging one for a cookie and back. */
const OPEN_ROUTES = ['POST /api/session', 'DELETE /api/session'] as const;
const TIMEOUT_MS = 30_000;
const BURST_SECONDS = 2;

/** What a line of the access log says: never a token, a cookie or a query. */
const LOGGED = {
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  subject: '$context.authorizer.claims.sub',
  refusal: '$context.authorizer.error',
};

/**
 * The HTTP API before the function: tokens verified, requests throttled and logged. Its own name stays open
 * beside CloudFront's, for a distribution can't sign for an HTTP API: the same authoriser holds at both.
 */
export class Api extends pulumi.ComponentResource {
  /** Name that CloudFront asks. */
  readonly domainName: pulumi.Output<string>;

  constructor(name: string, args: ApiArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Api', name, {}, options);
    const parent = { parent: this };
    const { target, signIn, config } = args;
    const api = new aws.apigatewayv2.Api(name, { protocolType: 'HTTP' }, parent);
    const authorizer = new aws.apigatewayv2.Authorizer(
      name,
      {
        apiId: api.id,
        authorizerType: 'JWT',
        identitySources: ['$request.header.Authorization'],
        jwtConfiguration: { issuer: signIn.issuer, audiences: [signIn.audience] },
      },
      parent,
    );
    const integration = new aws.apigatewayv2.Integration(
      name,
      {
        apiId: api.id,
        integrationType: 'AWS_PROXY',
        integrationUri: target.alias.arn,
        payloadFormatVersion: '2.0',
        timeoutMilliseconds: TIMEOUT_MS,
      },
      parent,
    );
    const route = (part: string, change: Partial<aws.apigatewayv2.RouteArgs>): void => {
      const to = pulumi.interpolate`integrations/${integration.id}`;
      new aws.apigatewayv2.Route(
        `${name}-${part}`,
        { apiId: api.id, routeKey: 'ANY /api/{proxy+}', target: to, ...change },
        parent,
      );
    };
    route('all', { authorizationType: 'JWT', authorizerId: authorizer.id });
    for (const routeKey of OPEN_ROUTES) {
      const [method = ''] = routeKey.split(' ');
      route(`session-${method.toLowerCase()}`, { routeKey, authorizationType: 'NONE' });
    }
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/vendedlogs/${name}`, retentionInDays: config.logRetentionDays },
      parent,
    );
    new aws.apigatewayv2.Stage(
      name,
      {
        apiId: api.id,
        name: '$default',
        autoDeploy: true,
        accessLogSettings: { destinationArn: logs.arn, format: JSON.stringify(LOGGED) },
        defaultRouteSettings: {
          throttlingRateLimit: config.apiRequestsPerSecond,
          throttlingBurstLimit: config.apiRequestsPerSecond * BURST_SECONDS,
        },
      },
      parent,
    );
    new aws.lambda.Permission(
      name,
      {
        action: 'lambda:InvokeFunction',
        function: target.lambda.name,
        qualifier: target.alias.name,
        principal: 'apigateway.amazonaws.com',
        sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
      },
      parent,
    );
    this.domainName = api.apiEndpoint.apply((address) => new URL(address).hostname);
    this.registerOutputs({ domainName: this.domainName });
  }
}
