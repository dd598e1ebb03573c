import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../model-build/python-environment';

/** By the program that each brings. */
const PACKAGES = {
  buildah: 'buildah',
  mmdebstrap: 'mmdebstrap',
  runc: 'runc',
} as const;

export interface ImageBuild {
  /** Of the image, with a tag. */
  readonly name: string;
  readonly dockerfile: string;
  /** Folder that the Dockerfile copies from. */
  readonly context: string;
  readonly args?: Readonly<Record<string, string>>;
  /** Stage that becomes the image. @default the last */
  readonly target?: string;
}

/** What an image says of the process that it starts. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
}

/**
 * Finds what builds and runs images without a daemon, else installs Debian's.
 * @throws {Error} where neither is possible
 */
export function needImageTools(): void {
  if (process.getuid?.() !== 0) throw new Error('images are built by root, found another user');
  const missing = (): string[] =>
    Object.keys(PACKAGES).filter((one) => spawnSync(one, ['--version']).error !== undefined);
  if (missing().length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const packages = [...Object.values(PACKAGES), 'debian-archive-keyring'];
  spawnSync('apt-get', ['update'], { env });
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
  const still = missing();
  if (still.length === 0) return;
  throw new Error(
    `expected ${still.join(', ')} on the path, or apt and the right to install it, found neither`,
  );
}

/** Images of our own, below the cache folder. */
const STORE = join(cacheFolder(process.env), 'images');
const STORE_OPTIONS = [
  ...['--root', join(STORE, 'store'), '--runroot', join(STORE, 'run')],
  // The only one that works in a container itself.
  ...['--storage-driver', 'vfs'],
];

/** @returns its stdout @throws {Error} with the end of what it said */
export async function buildah(...values: string[]): Promise<string> {
  mkdirSync(STORE, { recursive: true });
  return run('buildah', [...STORE_OPTIONS, ...values]);
}

export async function run(program: string, values: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, values, { maxBuffer: 64 * 1024 ** 2 });
    return stdout;
  } catch (cause) {
    const { code, stdout, stderr } = cause as { code: unknown; stdout: string; stderr: string };
    const said = `${stdout}${stderr}`.trimEnd().split('\n').slice(-20).join('\n');
    throw new Error(`"${program} ${values.join(' ')}" ended ${code}\n${said}`, { cause });
  }
}

/** Builds an image of a Dockerfile, with npm's cache of this machine. */
export async function buildImage({
  name,
  dockerfile,
  context,
  args = {},
  target,
}: ImageBuild): Promise<void> {
  const npmCache = (await run('npm', ['config', 'get', 'cache'])).trim();
  mkdirSync(npmCache, { recursive: true });
  await buildah(
    ...['bud', '--isolation', 'chroot', '--network', 'host', '--tag', name],
    ...['--volume', `${npmCache}:/root/.npm`],
    ...Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    ...(target ? ['--target', target] : []),
    ...['--file', dockerfile, context],
  );
}

export async function hasImage(name: string): Promise<boolean> {
  const listed = await buildah('images', '--format', '{{.Name}}:{{.Tag}}');
  return listed.split('\n').some((one) => one === name || one === `localhost/${name}`);
}

export async function removeImage(name: string): Promise<void> {
  await buildah('rmi', '--force', name);
}

export async function configOf(name: string): Promise<ImageConfig> {
  const inspected = JSON.parse(await buildah('inspect', '--type', 'image', name));
  return inspected.OCIv1.config;
}

/** An image's files, unpacked. */
export interface UnpackedImage {
  readonly root: string;
  remove(): Promise<void>;
}

export async function unpackImage(name: string): Promise<UnpackedImage> {
  const container = (await buildah('from', '--pull-never', name)).trim();
  return {
    root: (await buildah('mount', container)).trim(),
    remove: async () => {
      await buildah('rm', container);
    },
  };
}
