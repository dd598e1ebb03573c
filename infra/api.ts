import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';
import type { ImageFunction } from './image-function';
import type { SignIn } from './sign-in';

export interface ApiArgs {
  readonly config: InfraConfig;
}

/** Everything is asked with a token, but for signing in and out. */
const OPEN_ROUTES = {
  'session-post': 'POST /api/session',
  'session-delete': 'DELETE /api/session',
  'sign-in': 'GET /api/sign-in',
  'sign-in-steps': 'GET /api/sign-in/{step}',
} as const;
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
  private readonly api: aws.apigatewayv2.Api;

  constructor(
    private readonly name: string,
    { config }: ApiArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('tierwatch:index:Api', name, {}, options);
    const parent = { parent: this };
    this.api = new aws.apigatewayv2.Api(name, { protocolType: 'HTTP' }, parent);
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/vendedlogs/${name}`, retentionInDays: config.logRetentionDays },
      parent,
    );
    new aws.apigatewayv2.Stage(
      name,
      {
        apiId: this.api.id,
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
    this.domainName = this.api.apiEndpoint.apply((address) => new URL(address).hostname);
    this.registerOutputs({ domainName: this.domainName });
  }

  /** Lets requests through to the function: those with a token of the issuer, and those that sign in. */
  answerBy(target: ImageFunction, signIn: Pick<SignIn, 'issuer' | 'audience'>): void {
    const { api, name } = this;
    const parent = { parent: this };
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
    for (const [part, routeKey] of Object.entries(OPEN_ROUTES)) {
      route(part, { routeKey, authorizationType: 'NONE' });
    }
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
  }
}
