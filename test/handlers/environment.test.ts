import { expect, it } from 'vitest';
import { ENVIRONMENT, type EnvironmentName } from '../../core/environment';
import { readEnvironment } from '../../handlers/environment';

/** What each wrong value is told as, without the end that all share. */
function problemsOf(values: Partial<Record<EnvironmentName, string>>): string[] {
  const names = Object.keys(values) as EnvironmentName[];
  const variables = names.map((name) => [ENVIRONMENT[name], values[name]]);
  try {
    readEnvironment(names, Object.fromEntries(variables));
  } catch (error) {
    const { message } = error as Error;
    const [, all] =
      /^the function's environment: (.*); deploy it with "pulumi up", which sets all of them$/.exec(
        message,
      ) ?? [];
    return all?.split('; ') ?? [message];
  }
  return [];
}

it('says of everything that is wrong, at once, what was expected and what was found', () => {
  expect(
    problemsOf({
      table: '',
      cpuQueueUrl: 'queue',
      pageAddress: 'http://example.com',
      awsEndpoint: 'https://example.com',
      workers: 'seven',
      quietItemDays: '0',
      lanes: 'cpu,tpu',
      retentionMode: 'delete',
      modelSha256: 'abc',
      modelArchive: 'https://example.com/model.tar.gz',
      notifyTopics: '{"ops":"topic"}',
      gpuTags: 'Name=gpu',
    }),
  ).toEqual([
    'TIERWATCH_TABLE: expected a text, found nothing',
    'TIERWATCH_CPU_QUEUE_URL: expected a URL that begins with http:// or https://, found "queue"',
    'TIERWATCH_PAGE_ADDRESS: expected an address that begins with https://, found "http://example.com"',
    'TIERWATCH_AWS_ENDPOINT: expected an address of this machine, such as http://127.0.0.1:8080, found "https://example.com"',
    'TIERWATCH_WORKERS: expected a whole number from 1 to 6, found "seven"',
    'TIERWATCH_QUIET_ITEM_DAYS: expected a whole number from 1 to 36500, found "0"',
    'TIERWATCH_LANES.1: expected one of cpu, gpu, found "tpu"',
    'TIERWATCH_RETENTION_MODE: expected one of report, enforce, found "delete"',
    'TIERWATCH_MODEL_SHA256: expected a sha256, 64 hexadecimal digits, found "abc"',
    'TIERWATCH_MODEL_ARCHIVE: expected the address of an archive in S3, s3://…, found "https://example.com/model.tar.gz"',
    'TIERWATCH_NOTIFY_TOPICS.ops: expected the ARN of a topic, found "topic"',
    'TIERWATCH_GPU_TAGS: expected JSON, found "Name=gpu"',
  ]);
});

it('says where in a variable’s JSON something is wrong', () => {
  const scaling = {
    min: 0,
    max: 1.5,
    schedules: [{ cron: 'noon', timezone: 1, min: 1, max: 2 }],
  };
  expect(problemsOf({ gpuScaling: JSON.stringify({ ...scaling, most: 3 }) })).toEqual([
    'TIERWATCH_GPU_SCALING.min: expected at least 1, found 0',
    'TIERWATCH_GPU_SCALING.max: expected a whole number, found 1.5',
    'TIERWATCH_GPU_SCALING.target: expected a number, found nothing',
    'TIERWATCH_GPU_SCALING.schedules.0.timezone: expected a text, found 1',
    'TIERWATCH_GPU_SCALING.most: expected no such key, found it',
  ]);
});

it('gives numbers, lists and JSON as what they are, and nothing for what is not set', () => {
  const variables = {
    TIERWATCH_WORKERS: '2',
    TIERWATCH_LANES: 'cpu,gpu',
    TIERWATCH_NOTIFY_TOPICS: '{"ops":"arn:aws:sns:eu-central-1:123456789012:ops"}',
    TIERWATCH_AWS_ENDPOINT: '',
  };
  const names = ['workers', 'lanes', 'notifyTopics', 'awsEndpoint', 'gpuVariant'] as const;
  expect(readEnvironment(names, variables)).toEqual({
    workers: 2,
    lanes: ['cpu', 'gpu'],
    notifyTopics: { ops: 'arn:aws:sns:eu-central-1:123456789012:ops' },
  });
});
