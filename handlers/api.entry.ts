import { DEFAULT_CLIENT_OPTIONS } from '../adapters/aws/clients';
import { createMetricsClient } from '../adapters/aws/cloudwatch-frames';
import { CloudWatchQueueAges } from '../adapters/aws/cloudwatch-queue-ages';
import { DynamoRejections } from '../adapters/aws/dynamo-alerts';
import { DynamoEventItems } from '../adapters/aws/dynamo-event-items';
import { FootageCookies } from '../adapters/aws/footage-cookies';
import { HealthLately } from '../adapters/aws/health-lately';
import { createLambdaClient, LambdaAnalytics } from '../adapters/aws/lambda-analytics';
import { S3Present } from '../adapters/aws/s3-present';
import { S3UploadForms } from '../adapters/aws/s3-upload-forms';
import { SecretText } from '../adapters/aws/secret-text';
import { SqsDesk } from '../adapters/aws/sqs-desk';
import { createTimeSeriesClients } from '../adapters/aws/time-series-clients';
import { OidcSignIn } from '../adapters/oidc/oidc-sign-in';
import { factsOf, readBundle } from '../adapters/onnx/bundle';
import { UPLOAD_LIFE_HOURS, UPLOAD_SITE } from '../core/upload';
import { version } from '../package.json';
import { createApiFunction } from './api/lambda';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { MODEL_ENVIRONMENT, withModel } from './model';
import { observed } from './observed';

const given = readEnvironment([
  'environment',
  'footageBucket',
  'snapshotsBucket',
  'configBucket',
  'table',
  'lanes',
  ...MODEL_ENVIRONMENT,
  'quietItemDays',
  'evidenceItemDays',
  'footageDays',
  'sitesClaim',
  'pageAddress',
  'signInIssuer',
  'signInClient',
  'footageKeySecret',
  'queueDesk',
  'cpuQueueUrl',
  'analyticsFunction',
  'lambdaAddress',
  'awsEndpoint',
]);
/** A token's cookie goes with the longest token that sign-in hands out (s). */
const SESSION_SECONDS = 3600;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const { telemetry, observe } = observed('api', given.environment);
const clients = clientsOf(given);
const { secrets } = createTimeSeriesClients({
  region: process.env.AWS_REGION ?? 'us-east-1',
  ...(given.awsEndpoint ? { endpoint: given.awsEndpoint } : {}),
  ...DEFAULT_CLIENT_OPTIONS,
});
const lambda = createLambdaClient({
  region: process.env.AWS_REGION ?? 'us-east-1',
  ...(given.lambdaAddress ? { endpoint: given.lambdaAddress } : {}),
  ...DEFAULT_CLIENT_OPTIONS,
});
const metrics = createMetricsClient({
  region: process.env.AWS_REGION ?? 'us-east-1',
  ...(given.awsEndpoint ? { endpoint: given.awsEndpoint } : {}),
  ...DEFAULT_CLIENT_OPTIONS,
});
const { pageAddress: address, signInIssuer: issuer, signInClient: clientId } = given;
const signInForm =
  issuer && clientId ? { signInForm: new OidcSignIn({ address, issuer, clientId }) } : {};
const table = awsPorts.table(clients, given);
const store = awsPorts.store(table, given);
const eventItems = new DynamoEventItems(table, store);
const fleet = awsPorts.fleet(clients, given, telemetry);
const landed = awsPorts.health(table);
const rejected = new DynamoRejections(table);
const health = new HealthLately(
  {
    lastLandings: () => landed.lastLandings(),
    latestHealthAlert: (camera) => landed.latestHealthAlert(camera),
    rejections: () => rejected.rejections(),
  },
  systemClock,
);
const listed = new S3Present(clients.s3, given.footageBucket);

/** Requests of the HTTP API → answers. */
export const handler = observe(
  withModel(clients, given, (modelFolder) =>
    createApiFunction(
      {
        store,
        eventItems,
        recentItems: (period, filter) => eventItems.recentItems(period, filter),
        ...(given.analyticsFunction
          ? { analytics: new LambdaAnalytics(lambda, given.analyticsFunction) }
          : {}),
        health,
        quarantine: health,
        queues: new SqsDesk(clients.sqs, {
          queues: given.queueDesk,
          anyUrl: given.cpuQueueUrl,
          ages: new CloudWatchQueueAges(metrics, systemClock),
          failures: awsPorts.failures(table),
          clock: systemClock,
        }),
        fleetCameras: () => fleet.cameras(),
        resolve: (camera, at) => fleet.resolve(camera, at),
        tierSettings: (camera, at) => fleet.atTiers(camera, at),
        publishedFleet: {
          environment: given.environment,
          camera: (camera) => fleet.published(camera),
        },
        snapshots: awsPorts.snapshots(clients, given),
        footageAccess: new FootageCookies(new SecretText(secrets), {
          secretId: given.footageKeySecret,
          address,
          clock: systemClock,
        }),
        footageFate: {
          present: (keys) => listed.present(keys),
          deletions: awsPorts.deletions(table, given),
          lifeDays: (key) =>
            key.startsWith(`${UPLOAD_SITE}/`) ? UPLOAD_LIFE_HOURS / 24 : given.footageDays,
        },
        uploadForms: new S3UploadForms(clients.s3, given.footageBucket),
        // The gateway's authoriser verifies the token with every request: here it is only kept.
        signIn: { open: (token) => (JWT.test(token) ? token : null), seconds: SESSION_SECONDS },
        ...signInForm,
        // Other processors analyse than the one that answers.
        model: { ...factsOf(readBundle(modelFolder)), variant: null },
        versions: { tierwatch: version, node: process.versions.node, schema: 'dynamodb' },
        clock: systemClock,
        onError: (error, requestId) =>
          telemetry.log('error', 'the api failed', {
            requestId,
            cause: error instanceof Error ? (error.stack ?? error.message) : String(error),
          }),
      },
      { sitesClaim: given.sitesClaim },
    ),
  ),
);
