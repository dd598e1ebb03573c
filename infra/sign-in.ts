import { createHash } from 'node:crypto';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { SignInConfig } from '../core/infra-config';
import { SIGN_IN_CALLBACK } from '../core/sign-in-form';
import { UPLOAD_SITE } from '../core/upload';

export interface SignInArgs {
  readonly signIn: SignInConfig;
  /** A group each is made in a pool of our own. */
  readonly sites: readonly string[];
  readonly isProtected: boolean;
  /** Of the page: where the form sends people back to. */
  readonly address: pulumi.Input<string>;
}

const LEAST_PASSWORD = 14;
const INVITATION_DAYS = 3;

/** Whose tokens the api takes: a user pool of the environment's own, or an issuer that there is. */
export class SignIn extends pulumi.ComponentResource {
  readonly issuer: pulumi.Output<string>;
  readonly audience: pulumi.Output<string>;
  /** The page's client, where the issuer has a form for people. */
  readonly clientId: pulumi.Output<string> | null;
  /** Claim that names the sites that a token may see. */
  readonly sitesClaim: string;

  constructor(name: string, args: SignInArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:SignIn', name, {}, options);
    const { signIn } = args;
    if (signIn.kind === 'issuer') {
      this.issuer = pulumi.output(signIn.issuer);
      this.audience = pulumi.output(signIn.audience);
      this.clientId = signIn.clientId === undefined ? null : pulumi.output(signIn.clientId);
      this.sitesClaim = signIn.sitesClaim;
    } else {
      const { pool, client } = userPool(name, args, { parent: this });
      this.issuer = pulumi.interpolate`https://${pool.endpoint}`;
      this.audience = client.id;
      this.clientId = client.id;
      this.sitesClaim = 'cognito:groups';
    }
    this.registerOutputs({ issuer: this.issuer });
  }
}

/** Nobody signs up alone; what one may see is a group: `all`, or `site:NAME`; who may put dead letters back is in `operator` too. */
function userPool(
  name: string,
  { sites, isProtected, address }: SignInArgs,
  parent: pulumi.CustomResourceOptions,
) {
  const pool = new aws.cognito.UserPool(
    name,
    {
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      usernameAttributes: ['email'],
      autoVerifiedAttributes: ['email'],
      mfaConfiguration: 'OPTIONAL',
      softwareTokenMfaConfiguration: { enabled: true },
      passwordPolicy: {
        minimumLength: LEAST_PASSWORD,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: false,
        temporaryPasswordValidityDays: INVITATION_DAYS,
      },
      deletionProtection: isProtected ? 'ACTIVE' : 'INACTIVE',
    },
    { ...parent, protect: isProtected },
  );
  new aws.cognito.UserPoolDomain(
    name,
    { userPoolId: pool.id, domain: pool.id.apply((id) => `tierwatch-${digestOf(id)}`) },
    parent,
  );
  const client = new aws.cognito.UserPoolClient(
    name,
    {
      userPoolId: pool.id,
      generateSecret: false,
      supportedIdentityProviders: ['COGNITO'],
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ['code'],
      allowedOauthScopes: ['openid'],
      callbackUrls: [pulumi.interpolate`${address}${SIGN_IN_CALLBACK}`],
      logoutUrls: [pulumi.interpolate`${address}/`],
      explicitAuthFlows: [
        'ALLOW_USER_SRP_AUTH',
        'ALLOW_USER_PASSWORD_AUTH',
        'ALLOW_REFRESH_TOKEN_AUTH',
      ],
      accessTokenValidity: 1,
      idTokenValidity: 1,
      refreshTokenValidity: 1,
      tokenValidityUnits: { accessToken: 'hours', idToken: 'hours', refreshToken: 'days' },
      enableTokenRevocation: true,
      preventUserExistenceErrors: 'ENABLED',
    },
    parent,
  );
  for (const group of [
    'all',
    'operator',
    ...[...sites, UPLOAD_SITE].map((site) => `site:${site}`),
  ]) {
    const part = group.replace(':', '-');
    new aws.cognito.UserGroup(`${name}-${part}`, { userPoolId: pool.id, name: group }, parent);
  }
  return { pool, client };
}

/** A name that nobody else in the region has; a digest holds none of the words that Cognito reserves. */
function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 16);
}
