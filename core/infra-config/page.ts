import * as z from 'zod';
import { expected, textOf } from '../text-schemas';
import { httpsAddress } from './text';

export const signInSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('cognito').describe('A user pool of this environment') }),
    z.strictObject({
      kind: z.literal('issuer').describe('An OpenID Connect issuer that there is already'),
      issuer: httpsAddress.describe('Its address: the iss of its tokens'),
      audience: z
        .string()
        .min(1)
        .max(200)
        .describe('The aud, or client_id, of tokens for this api'),
      sitesClaim: z
        .string()
        .min(1)
        .max(200)
        .default('tierwatch:sites')
        .describe('Claim that lists what may be seen: "all", or "site:NAME" for each site'),
      clientId: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe(
          'The page’s client there, public, with PKCE, its redirect address PAGE/api/sign-in/callback; default: no form, tokens are pasted',
        ),
    }),
  ],
  { error: expected('{ kind: cognito }, or { kind: issuer, issuer, audience }') },
);
export type SignInConfig = z.infer<typeof signInSchema>;

const publicKey = textOf(
  /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/,
  'a public key as PEM: openssl rsa -in key.pem -pubout',
);

/** The page, the api and who signs in. */
export const PAGE_KEYS = {
  page: z
    .enum(['none', 'cloudfront'])
    .default('none')
    .describe('The page, api and footage under one name of CloudFront, or none of them'),
  signIn: signInSchema
    .default({ kind: 'cognito' })
    .describe('Who signs in to the page and the api, where there is a page'),
  pageDomain: z
    .strictObject({
      name: textOf(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a name, such as tierwatch.example.com').describe(
        'Name of yours; point its DNS at the distribution',
      ),
      certificateArn: textOf(
        /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
        'the ARN of a certificate in us-east-1, such as arn:aws:acm:us-east-1:123456789012:certificate/1a2b',
      ).describe('Its certificate in us-east-1, as CloudFront wants it'),
    })
    .optional()
    .describe('Name of the page; default: CloudFront’s own, which can’t be limited to TLS 1.2'),
  pagePriceClass: z
    .enum(['PriceClass_100', 'PriceClass_200', 'PriceClass_All'])
    .default('PriceClass_100')
    .describe('From where CloudFront answers; the fewer continents, the cheaper'),
  footageKeys: z
    .array(publicKey)
    .min(1)
    .max(2)
    .optional()
    .describe('Public keys whose cookies play footage: one, or two while it is being rotated'),
  apiRequestsPerSecond: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .describe('Requests that the api answers at most (requests a second)'),
};
