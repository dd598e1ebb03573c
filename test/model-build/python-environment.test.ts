import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderManifestSchema } from '../../model-build/manifest-schema';
import { pythonVariables } from '../../model-build/python-commands';
import { PYTHON_FOLDER, preparePython } from '../../model-build/python-environment';

const ROOT = join(__dirname, '../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-python-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Requirements that need no network: none, or one that no version fits. */
function requirements(name: string, run: string): string {
  const at = mkdtempSync(join(folder, name));
  writeFileSync(join(at, 'requirements.txt'), run);
  writeFileSync(join(at, 'requirements-train.txt'), '-r requirements.txt\n');
  writeFileSync(join(at, 'requirements-test.txt'), '-r requirements-train.txt\n');
  return at;
}

it('takes the interpreter that TIERWATCH_PYTHON names as it is', async () => {
  const env = { TIERWATCH_PYTHON: '/opt/python' };
  expect(await preparePython('train', { env, cache: join(folder, 'never') })).toBe('/opt/python');
});

it('refuses in one sentence where no Python is, and leaves nothing', async () => {
  const cache = join(folder, 'no-python');
  const prepared = preparePython('run', { cache, env: { PATH: join(folder, 'nowhere') } });
  await expect(prepared).rejects.toMatchObject({
    code: 'python-environment',
    message: expect.stringMatching(/^"python3": expected Python 3\.11 to 3\.13 with venv, found /),
  });
  expect(readdirSync(cache)).toEqual([]);
});

if (spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0) {
  it('names what did not install, and removes the half-made environment', async () => {
    const cache = join(folder, 'failed');
    const files = requirements(
      'bad',
      'tierwatch-no-such-package==0 ; python_version < "3"\n./absent\n',
    );
    const env = { ...process.env, TIERWATCH_PYTHON: '' };
    await expect(preparePython('run', { cache, requirements: files, env })).rejects.toMatchObject({
      code: 'python-environment',
      message: expect.stringMatching(
        /expected the Python packages to install, found exit 1: .*absent/,
      ),
    });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('makes an environment once, and takes a larger one for a smaller need', async () => {
    const cache = join(folder, 'made');
    const files = requirements('empty', '');
    const options = { cache, requirements: files, env: { ...process.env, TIERWATCH_PYTHON: '' } };
    const said: string[] = [];
    const train = await preparePython('train', {
      ...options,
      onProgress: (line) => said.push(line),
    });
    expect(await preparePython('run', options)).toBe(train);
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^python-train-[0-9a-f]{12}$/)]);
    expect(said[0]).toMatch(/^Python packages for train, once, into /);
  });
} else {
  it('says by name that making an environment was left out', () =>
    console.warn('left out, no python3 with venv: making an environment'));
}

it('pins every package of every layer to one version', () => {
  const files = readdirSync(PYTHON_FOLDER).filter((name) => name.startsWith('requirements'));
  expect(files).toEqual(['requirements-test.txt', 'requirements-train.txt', 'requirements.txt']);
  const loose = files.flatMap((file) =>
    readFileSync(join(PYTHON_FOLDER, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('-r '))
      .filter((line) => !/^[A-Za-z0-9_.-]+==[0-9][0-9.]*$/.test(line)),
  );
  expect(loose).toEqual([]);
});

it('lets Python find the package, keep its byte code out of the repository and send nothing', () => {
  expect(pythonVariables({ PYTHONPATH: '/mine' })).toEqual({
    PYTHONPATH: `${PYTHON_FOLDER}:/mine`,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    ORT_DISABLE_TELEMETRY: '1',
  });
});

it('publishes the schema of manifest.json as core has it; `npm run docs` writes it anew', () => {
  const written = readFileSync(join(ROOT, 'model-build/manifest.schema.json'), 'utf8');
  expect(written).toBe(renderManifestSchema());
});
