import { generateKeyPairSync } from 'node:crypto';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { ENVIRONMENT } from '../../../core/environment';
import { FAKE_CREDENTIALS, REGION } from './moto';
import type { MadeRoad } from './road';
import { uniqueName } from './world';

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** The api's function as its entry makes it, asked as an HTTP API asks it. */
export interface OpenedApi {
  readonly secretArn: string;
  /** @param groups of the verified token; null: none was sent */
  ask(groups: string | null, path: string, body?: unknown): Promise<ApiAnswer>;
}

/** What the api is told of the road's queues, as infra does. */
export function queueDeskOf({ landed: route, cpu, gpu, analytics, retention }: MadeRoad): string {
  const fed = { route, 'detect-cpu': cpu, 'detect-gpu': gpu, analytics, retention };
  const entries = Object.entries(fed).map(([name, { arn, deadLetter }]) => {
    return [name, { arn, deadLetterArn: deadLetter.arn }];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** Opens it on what the road has left; its signing key lies in a secret of moto. */
export async function openApi(endpoint: string, road: MadeRoad): Promise<OpenedApi> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const credentials = {
    accessKeyId: FAKE_CREDENTIALS.AWS_ACCESS_KEY_ID,
    secretAccessKey: FAKE_CREDENTIALS.AWS_SECRET_ACCESS_KEY,
  };
  const secrets = new SecretsManagerClient({ region: REGION, endpoint, credentials });
  const { ARN = '' } = await secrets.send(
    new CreateSecretCommand({
      Name: uniqueName('footage-key'),
      SecretString: JSON.stringify({
        keyPairId: 'K2JCJMDEHXQW5F',
        privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }),
      }),
    }),
  );
  Object.assign(process.env, road.variables, {
    [ENVIRONMENT.queueDesk]: queueDeskOf(road),
    [ENVIRONMENT.sitesClaim]: 'cognito:groups',
    [ENVIRONMENT.pageAddress]: 'https://d.example',
    [ENVIRONMENT.footageKeySecret]: ARN,
  });
  const { handler } = await import('../../../handlers/api.entry');
  return {
    secretArn: ARN,
    ask: async (groups, path, body) => {
      const [rawPath, rawQueryString = ''] = path.split('?');
      const method = body === undefined ? 'GET' : 'POST';
      const claims = { sub: 'someone', ...(groups === '' ? {} : { 'cognito:groups': groups }) };
      const event = {
        version: '2.0',
        routeKey: 'ANY /api/{proxy+}',
        rawPath,
        rawQueryString,
        headers: { host: 'd.example', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        isBase64Encoded: false,
        requestContext: {
          domainName: 'd.example',
          http: { method, path: rawPath },
          ...(groups === null ? {} : { authorizer: { jwt: { claims, scopes: [] } } }),
        },
      };
      const answer = (await handler(event as never, { functionName: 'api' } as Context)) as {
        statusCode: number;
        body?: string;
        headers?: Record<string, string>;
        cookies?: string[];
      };
      const { statusCode: status, body: text = '', headers = {}, cookies = [] } = answer;
      return { status, text, headers, cookies };
    },
  };
}

/** Sends a presigned form as a browser does. */
export async function sendForm(
  { url, fields }: { readonly url: string; readonly fields: Readonly<Record<string, string>> },
  bytes: Uint8Array,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([Uint8Array.from(bytes)]));
  return fetch(url, { method: 'POST', body: form });
}
