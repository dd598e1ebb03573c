import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';
import type { FunctionName } from '../handlers/all.permissions';
import { Api } from './api';
import { Delivery } from './delivery';
import type { Footage } from './footage';
import type { FootageKeys } from './footage-keys';
import type { ImageFunction, ImageFunctionArgs } from './image-function';
import { Page } from './page';
import { SignIn } from './sign-in';

export interface ServePageArgs {
  readonly config: InfraConfig;
  readonly sites: readonly string[];
  readonly footage: Footage;
  readonly keys: FootageKeys;
  /** The built page. */
  readonly folder: string;
  readonly functionOf: (
    name: FunctionName,
    variables: ImageFunctionArgs['variables'],
  ) => ImageFunction;
}

/** Api and page → one name with the footage → who signs in there; then both buckets let it, and only it, read. */
export function servePage(
  name: string,
  { config, sites, footage, keys, folder, functionOf }: ServePageArgs,
): { readonly address: pulumi.Output<string>; readonly signIn: SignIn } {
  const { isProtected } = config;
  const page = new Page(`${name}-page`, { folder, isProtected });
  const api = new Api(`${name}-api`, { config });
  // The configuration has no page beside a customer's own bucket.
  const own = footage.own!;
  const delivery = new Delivery(`${name}-delivery`, {
    config,
    page: page.store.bucket,
    footage: own.bucket,
    keys: keys.group,
    apiDomain: api.domainName,
  });
  page.store.letDeliver(`${name}-page`, delivery.distribution.arn);
  own.letDeliver(`${name}-footage`, delivery.distribution.arn);
  const address = pulumi.interpolate`https://${config.pageDomain?.name ?? delivery.distribution.domainName}`;
  const signIn = new SignIn(`${name}-sign-in`, {
    signIn: config.signIn,
    sites,
    isProtected,
    address,
  });
  const { sitesClaim, clientId } = signIn;
  const form = clientId ? { signInIssuer: signIn.issuer, signInClient: clientId } : {};
  const footageDays = String(footage.lifeDays);
  const given = { sitesClaim, pageAddress: address, footageDays, ...form };
  api.answerBy(functionOf('api', given), signIn);
  new aws.s3.BucketCorsConfiguration(`${name}-footage`, {
    bucket: own.bucket.id,
    // Videos that somebody tries go straight into the bucket, by a form that the api has signed.
    corsRules: [{ allowedMethods: ['POST'], allowedOrigins: [address], allowedHeaders: ['*'] }],
  });
  return { address, signIn };
}
