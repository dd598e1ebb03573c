import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../../model-build/python-environment';

const ROOT = join(__dirname, '../../..');
/** The newest CLI that is to be had as a Go module. */
const CLI_VERSION = '3.230.0';
const GO_PACKAGE = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi';
export const COPIED = [
  ...['core', 'handlers', 'infra', 'policies', 'fleet', 'package.json', 'tsconfig.json'],
  'model-build/default',
];
const STAND_IN_IMAGE = '123456789012.dkr.ecr.us-east-1.amazonaws.com/tierwatch:engine-test';

/** The user's own `pulumi`, else one built from its Go module, once. @throws {Error} where neither is possible */
export function findPulumi(): string {
  if (spawnSync('pulumi', ['version']).status === 0) return 'pulumi';
  const folder = join(cacheFolder(process.env), `pulumi-${CLI_VERSION}`);
  const program = join(folder, 'pulumi');
  if (existsSync(program)) return program;
  if (spawnSync('go', ['version']).status !== 0) {
    throw new Error('"pulumi": expected its CLI or Go on the path, found neither; install one');
  }
  const aside = `${folder}.${process.pid}.part`;
  mkdirSync(aside, { recursive: true });
  try {
    writeFileSync(join(aside, 'go.mod'), 'module example.test/pulumi-tools\n\ngo 1.24\n');
    const go = (...values: string[]): void => {
      const { status, stderr } = spawnSync('go', values, { cwd: aside, encoding: 'utf8' });
      if (status !== 0) throw new Error(`go ${values.join(' ')}: ${stderr.slice(-500)}`);
    };
    go('get', `${GO_PACKAGE}@v${CLI_VERSION}`);
    const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${CLI_VERSION}`;
    go('build', '-trimpath', '-ldflags', `-s -w ${stamp}`, '-o', 'pulumi', GO_PACKAGE);
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return program;
}

/** The state is written once, at the end of a command; types are checked by `npm run check`, and by one run. */
const FASTER = {
  PULUMI_EXPERIMENTAL: 'true',
  PULUMI_SKIP_CHECKPOINTS: 'true',
  PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
  PULUMI_NODEJS_TRANSPILE_ONLY: 'true',
};

export interface Finished {
  readonly status: number | null;
  /** stdout and stderr, without colours. */
  readonly text: string;
}

/** A copy of the project that the real engine works, with plugins of our own and its state in a folder. */
export class EngineWorkspace {
  private constructor(
    readonly folder: string,
    private readonly pulumi: string,
  ) {}

  static open(): EngineWorkspace {
    const root = mkdtempSync(join(tmpdir(), 'tierwatch-engine-'));
    const folder = join(root, 'app');
    mkdirSync(join(root, 'state'), { recursive: true });
    mkdirSync(folder);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writePlugins(join(root, 'bin'));
    const workspace = new EngineWorkspace(folder, findPulumi());
    workspace.fill(ROOT);
    return workspace;
  }

  /** Puts the program of a copy of the project in place of the one that is there; stacks stay. */
  fill(project: string): void {
    for (const name of COPIED) {
      const to = join(this.folder, name);
      rmSync(to, { recursive: true, force: true });
      const from = join(project, name);
      if (existsSync(from)) cpSync(from, to, { recursive: true });
    }
    const { version } = JSON.parse(
      readFileSync(join(ROOT, 'node_modules/@pulumi/aws/package.json'), 'utf8'),
    ) as { version: string };
    const plugins = `plugins:
  providers: [{ name: aws, path: ../bin, version: ${version} }]
  languages: [{ name: nodejs, path: ../bin }]
`;
    const text = readFileSync(join(project, 'Pulumi.yaml'), 'utf8');
    writeFileSync(join(this.folder, 'Pulumi.yaml'), `${text}${plugins}`);
  }

  /** Makes the stack of an environment. */
  init(environment: string, project = ROOT): void {
    this.configure(environment, project);
    const { status, text } = this.run('stack', 'init', environment);
    if (status !== 0) throw new Error(text);
  }

  /** Puts an environment's configuration in place; its image is named, for building one needs awsx's plugin. */
  configure(environment: string, project = ROOT): void {
    const file = `Pulumi.${environment}.yaml`;
    const path = join(this.folder, file);
    const known = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const salt = /^encryptionsalt: .*\n/m.exec(known)?.[0] ?? '';
    const config = readFileSync(join(project, file), 'utf8').trimEnd();
    writeFileSync(path, `${salt}${config}\n  tierwatch:image: ${STAND_IN_IMAGE}\n`);
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    const [before, after] = [readFileSync(path, 'utf8'), change(readFileSync(path, 'utf8'))];
    if (before === after) throw new Error(`"${file}": expected a change, found none`);
    writeFileSync(path, after);
  }

  /** Runs `pulumi` without a check of types and without a snapshot a resource: two thirds of its time. */
  run(...values: string[]): Finished {
    return this.execute(values, FASTER);
  }

  /** Runs `pulumi` as a user does: its loader checks the program's types. */
  runWithTypes(...values: string[]): Finished {
    return this.execute(values, {});
  }

  private execute(values: readonly string[], more: Readonly<Record<string, string>>): Finished {
    const root = join(this.folder, '..');
    const { status, stdout, stderr } = spawnSync(this.pulumi, [...values, '--color', 'never'], {
      cwd: this.folder,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      env: {
        ...process.env,
        PATH: `${join(root, 'bin')}:${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
        PULUMI_HOME: join(root, 'home'),
        PULUMI_BACKEND_URL: `file://${join(root, 'state')}`,
        PULUMI_CONFIG_PASSPHRASE: 'engine-test',
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
        ...more,
      },
    });
    return { status, text: `${stdout}\n${stderr}` };
  }

  close(): void {
    rmSync(join(this.folder, '..'), { recursive: true, force: true });
  }
}

function writePlugins(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of [
    ['pulumi-language-nodejs', 'language-host.cjs'],
    ['pulumi-resource-aws', 'echo-provider.cjs'],
  ] as const) {
    const script = join(folder, name);
    writeFileSync(script, `#!/bin/sh\nexec node "${join(__dirname, file)}" "$@"\n`);
    chmodSync(script, 0o755);
  }
}
