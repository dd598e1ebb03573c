// Pulumi's Node.js language host: runs programs and policy packs for the engine, against the protocol that
// @pulumi/pulumi ships. Pulumi's own comes with its CLI; this one needs nothing but the npm package.
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { createRequire } = require('node:module');

const sdk = (name, from = __filename) => createRequire(from).resolve(`@pulumi/pulumi/${name}`);
const fromSdk = createRequire(sdk('package.json'));
const grpc = fromSdk('@grpc/grpc-js');
const { Empty } = fromSdk('google-protobuf/google/protobuf/empty_pb.js');
const pb = require(sdk('proto/language_pb.js'));
const plugin = require(sdk('proto/plugin_pb.js'));
const service = require(sdk('proto/language_grpc_pb.js'));

/** The engine's address is the first argument that is no flag. */
const engine = process.argv.slice(2).find((value) => !value.startsWith('-')) ?? '';
/** The engine takes this exit code for "the program has said what is wrong". */
const BAIL = 32;

const optionsOf = (info) => info?.getOptions()?.toJavaScript() ?? {};
const typescriptVariables = ({ typescript, tsconfig }) => ({
  PULUMI_NODEJS_TYPESCRIPT: String(typescript !== false),
  ...(tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
});
const resolveFrom = (folder, name) => {
  try {
    return createRequire(join(folder, 'x.js')).resolve(`@pulumi/pulumi/${name}`);
  } catch {
    return sdk(name);
  }
};
const flag = (name, value) => (value ? [`--${name}`, String(value)] : []);

function run(call, answer) {
  const { request } = call;
  const info = request.getInfo();
  const program = [
    resolveFrom(info?.getProgramDirectory() ?? request.getPwd(), 'cmd/run'),
    ...flag('monitor', request.getMonitorAddress()),
    ...flag('engine', engine),
    ...flag('organization', request.getOrganization()),
    ...flag('project', request.getProject()),
    ...flag('stack', request.getStack()),
    ...flag('pwd', request.getPwd()),
    ...flag('root-directory', info?.getRootDirectory()),
    ...flag('parallel', request.getParallel()),
    ...(request.getDryrun() ? ['--dry-run'] : []),
    info?.getEntryPoint() || request.getProgram() || '.',
    ...request.getArgsList(),
  ];
  const child = spawn(process.execPath, program, {
    cwd: request.getPwd(),
    env: {
      ...process.env,
      ...typescriptVariables(optionsOf(info)),
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(process.stdout, { end: false });
  child.stderr.pipe(process.stderr, { end: false });
  call.on('cancelled', () => child.kill());
  child.on('close', (code, signal) => {
    const reply = new pb.RunResponse();
    if (code === BAIL) reply.setBail(true);
    else if (code !== 0)
      reply.setError(`Program exited with non-zero exit code: ${code ?? signal}`);
    answer(null, reply);
  });
}

function runPlugin(call) {
  const { request } = call;
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getProgram();
  const isPolicyPack = request.getKind() === 'analyzer';
  const program = resolveFrom(folder, isPolicyPack ? 'cmd/run-policy-pack' : 'cmd/run-plugin');
  const values = request.getArgsList();
  const given = request.getEnvList().map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const child = spawn(
    process.execPath,
    [program, ...(isPolicyPack ? [...values, folder] : [folder, ...values])],
    {
      cwd: isPolicyPack ? folder : request.getPwd(),
      env: {
        ...process.env,
        ...typescriptVariables(optionsOf(info)),
        ...Object.fromEntries(given),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const forward = (setter) => (bytes) => {
    const message = new pb.RunPluginResponse();
    message[setter](new Uint8Array(bytes));
    call.write(message);
  };
  child.stdout.on('data', forward('setStdout'));
  child.stderr.on('data', forward('setStderr'));
  call.on('cancelled', () => child.kill());
  child.on('close', (code) => {
    const message = new pb.RunPluginResponse();
    message.setExitcode(code ?? 1);
    call.write(message);
    call.end();
  });
}

const reply = (make) => (_, answer) => answer(null, make());
const named = (message, setter, value) => {
  message[setter](value);
  return message;
};

const server = new grpc.Server({
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
});
server.addService(service.LanguageRuntimeService, {
  handshake: reply(() => new pb.LanguageHandshakeResponse()),
  getRequiredPlugins: reply(() => new pb.GetRequiredPluginsResponse()),
  getRequiredPackages: reply(() => new pb.GetRequiredPackagesResponse()),
  run,
  runPlugin,
  getPluginInfo: reply(() => named(new plugin.PluginInfo(), 'setVersion', '0.0.0-tierwatch')),
  installDependencies: (call) => call.end(),
  runtimeOptionsPrompts: reply(() => new pb.RuntimeOptionsResponse()),
  about: reply(() => named(new pb.AboutResponse(), 'setVersion', process.version)),
  getProgramDependencies: reply(() => new pb.GetProgramDependenciesResponse()),
  cancel: reply(() => new Empty()),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
// Else the engine waits five seconds a plugin before it kills it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
