// Stands in for the AWS provider behind the real Pulumi engine: echoes inputs as outputs, adds id and ARN, and
// refuses inputs that @pulumi/aws does not know or whose required ones are missing. No cloud.
const { createHash } = require('node:crypto');
const { createRequire } = require('node:module');
const { inputsOf } = require('./aws-inputs.cjs');

const sdk = (name) => createRequire(__filename).resolve(`@pulumi/pulumi/${name}`);
const fromSdk = createRequire(sdk('package.json'));
const grpc = fromSdk('@grpc/grpc-js');
const { Empty } = fromSdk('google-protobuf/google/protobuf/empty_pb.js');
const { Struct } = fromSdk('google-protobuf/google/protobuf/struct_pb.js');
const pb = require(sdk('proto/provider_pb.js'));
const plugin = require(sdk('proto/plugin_pb.js'));
const service = require(sdk('proto/provider_grpc_pb.js'));

/** Pulumi's placeholder of a text that is not known before the update. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const VERSION = require('@pulumi/aws/package.json').version;
const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

/** The input that carries the physical name: made up where it is absent, replaced when it changes. */
const NAME_INPUTS = {
  'aws:s3/bucket:Bucket': 'bucket',
  'aws:budgets/budget:Budget': 'name',
  'aws:cloudwatch/eventRule:EventRule': 'name',
  'aws:cloudwatch/metricAlarm:MetricAlarm': 'name',
  'aws:dynamodb/table:Table': 'name',
  'aws:ecr/repository:Repository': 'name',
  'aws:iam/role:Role': 'name',
  'aws:lambda/function:Function': 'name',
  'aws:sagemaker/endpoint:Endpoint': 'name',
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration': 'name',
  'aws:sagemaker/model:Model': 'name',
  'aws:scheduler/schedule:Schedule': 'name',
  'aws:sns/topic:Topic': 'name',
  'aws:sqs/queue:Queue': 'name',
};

/** Functions that the program asks the provider. Another fails loudly. */
const INVOKES = {
  'aws:index/getCallerIdentity:getCallerIdentity': () => ({
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:user/echo`,
    userId: 'ECHO',
    id: ACCOUNT,
  }),
  'aws:index/getAvailabilityZones:getAvailabilityZones': () => ({
    id: REGION,
    names: [`${REGION}a`, `${REGION}b`],
  }),
  'aws:secretsmanager/getRandomPassword:getRandomPassword': () => ({
    id: 'drawn',
    randomPassword: Math.random().toString(36),
  }),
  // An account as AWS makes it, with four endpoints of one type; images are there but for what is tagged "gone".
  'aws:servicequotas/getServiceQuota:getServiceQuota': ({ serviceCode, quotaName }) => ({
    id: 'quota',
    value: serviceCode === 'lambda' ? 1000 : quotaName.startsWith('ml.g4dn.xlarge ') ? 4 : 0,
  }),
  'aws:ecr/getImage:getImage': (asked) => {
    if (asked.imageTag === 'gone') throw new Error('no matching ECR image found');
    return { ...asked, id: 'image' };
  },
  'aws:index/getRegion:getRegion': () => ({ id: REGION, region: REGION, description: 'echo' }),
};

const plain = (struct) => (struct ? struct.toJavaScript() : {});
const structOf = (value) => Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
const typeOf = (urn) => urn.split('::')[2].split('$').pop();
const nameOf = (urn) => urn.split('::').pop();
const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
};
const isSame = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function outputsOf(urn, id, inputs, isPreview) {
  const type = typeOf(urn);
  const part = type.split(':')[1].split('/')[0];
  const arn = part === 's3' ? `arn:aws:s3:::${id}` : `arn:aws:${part}:${REGION}:${ACCOUNT}:${id}`;
  const known = (value) => (isPreview ? UNKNOWN : value);
  return {
    ...inputs,
    arn: inputs.arn ?? known(arn),
    ...(type === 'aws:sqs/queue:Queue'
      ? { url: known(`https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${id}`) }
      : {}),
    ...(type === 'aws:lambda/function:Function' ? { version: known('1') } : {}),
    ...(type === 'aws:s3/bucket:Bucket'
      ? { bucketRegionalDomainName: known(`${id}.s3.${REGION}.amazonaws.com`) }
      : {}),
    ...(type === 'aws:apigatewayv2/api:Api'
      ? {
          apiEndpoint: known(`https://${id}.execute-api.${REGION}.amazonaws.com`),
          executionArn: known(`arn:aws:execute-api:${REGION}:${ACCOUNT}:${id}`),
        }
      : {}),
    ...(type === 'aws:cloudfront/distribution:Distribution'
      ? { domainName: known(`${id}.cloudfront.net`) }
      : {}),
    ...(type === 'aws:cognito/userPool:UserPool'
      ? { endpoint: known(`cognito-idp.${REGION}.amazonaws.com/${id}`) }
      : {}),
    ...(type === 'aws:kms/key:Key' ? { keyId: known(id) } : {}),
    ...(type === 'aws:timestreaminfluxdb/dbInstance:DbInstance'
      ? {
          endpoint: known(`${id}.timestream-influxdb.${REGION}.on.aws`),
          port: 8086,
          influxAuthParametersSecretArn: known(
            `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:READONLY-${id}`,
          ),
        }
      : {}),
    ...(type === 'aws:lambda/invocation:Invocation' ? { result: known('[]') } : {}),
  };
}

function failuresOf(urn, inputs) {
  const type = typeOf(urn);
  const known = inputsOf(type);
  const failure = (property, reason) => {
    const made = new pb.CheckFailure();
    made.setProperty(property);
    made.setReason(reason);
    return made;
  };
  if (!known) return [failure('', `${type}: @pulumi/aws has no such resource`)];
  const unknown = Object.keys(inputs).filter(
    (name) => !name.startsWith('__') && !known.names.has(name),
  );
  const missing = known.required.filter((name) => inputs[name] === undefined);
  return [
    ...unknown.map((name) => failure(name, `${type} has no input "${name}"`)),
    ...missing.map((name) => failure(name, `${type} requires "${name}"`)),
  ];
}

function check({ request }, answer) {
  const [urn, news, olds] = [request.getUrn(), plain(request.getNews()), plain(request.getOlds())];
  const reply = new pb.CheckResponse();
  reply.setFailuresList(failuresOf(urn, news));
  const input = NAME_INPUTS[typeOf(urn)];
  if (input && news[input] === undefined) {
    const suffix = createHash('sha1').update(urn).digest('hex').slice(0, 7);
    news[input] = olds[input] ?? `${nameOf(urn)}-${suffix}`;
  }
  reply.setInputs(structOf(news));
  answer(null, reply);
}

function diff({ request }, answer) {
  const olds = plain(request.getOldInputs() ?? request.getOlds());
  const news = plain(request.getNews());
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const changed = keys.filter((key) => !key.startsWith('__') && !isSame(olds[key], news[key]));
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const reply = new pb.DiffResponse();
  reply.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  reply.setDiffsList(changed);
  reply.setReplacesList(changed.filter((key) => NAME_INPUTS[typeOf(request.getUrn())] === key));
  answer(null, reply);
}

function create({ request }, answer) {
  const [urn, isPreview] = [request.getUrn(), request.getPreview()];
  const inputs = plain(request.getProperties());
  const id = String(inputs[NAME_INPUTS[typeOf(urn)]] ?? `${nameOf(urn)}-id`);
  const reply = new pb.CreateResponse();
  reply.setId(isPreview ? '' : id);
  reply.setProperties(structOf(outputsOf(urn, id, inputs, isPreview)));
  answer(null, reply);
}

function update({ request }, answer) {
  const reply = new pb.UpdateResponse();
  const outputs = outputsOf(request.getUrn(), request.getId(), plain(request.getNews()), false);
  reply.setProperties(structOf(outputs));
  answer(null, reply);
}

function read({ request }, answer) {
  const reply = new pb.ReadResponse();
  reply.setId(request.getId());
  reply.setProperties(request.getProperties());
  reply.setInputs(request.getInputs());
  answer(null, reply);
}

function invoke({ request }, answer) {
  const made = INVOKES[request.getTok()];
  if (!made) {
    const details = `the echo provider has no function ${request.getTok()}`;
    answer({ code: grpc.status.UNKNOWN, details });
    return;
  }
  const reply = new pb.InvokeResponse();
  try {
    reply.setReturn(structOf(made(plain(request.getArgs()))));
  } catch (error) {
    answer({ code: grpc.status.UNKNOWN, details: error.message });
    return;
  }
  answer(null, reply);
}

const reply = (make) => (call, answer) => answer(null, make(call));
const without = (what) => (_, answer) => answer({ code: grpc.status.UNIMPLEMENTED, details: what });
const set = (message, values) => {
  for (const [name, value] of Object.entries(values)) message[`set${name}`](value);
  return message;
};

const server = new grpc.Server({
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
});
server.addService(service.ResourceProviderService, {
  handshake: without('handshake'),
  parameterize: without('parameterize'),
  getMapping: without('getMapping'),
  getMappings: without('getMappings'),
  construct: without('construct'),
  call: without('call'),
  attach: reply(() => new Empty()),
  cancel: reply(() => new Empty()),
  delete: reply(() => new Empty()),
  getPluginInfo: reply(() => set(new plugin.PluginInfo(), { Version: VERSION })),
  getSchema: reply(() =>
    set(new pb.GetSchemaResponse(), { Schema: JSON.stringify({ name: 'aws', version: VERSION }) }),
  ),
  checkConfig: reply((call) => set(new pb.CheckResponse(), { Inputs: call.request.getNews() })),
  diffConfig: reply(() =>
    set(new pb.DiffResponse(), { Changes: pb.DiffResponse.DiffChanges.DIFF_NONE }),
  ),
  configure: reply(() =>
    set(new pb.ConfigureResponse(), {
      Acceptsecrets: true,
      Supportspreview: true,
      Acceptresources: true,
      Acceptoutputs: true,
    }),
  ),
  check,
  diff,
  create,
  update,
  read,
  invoke,
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
// Else the engine waits five seconds a plugin before it kills it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
