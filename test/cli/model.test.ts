import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/manifest';
import { runCli } from './run-cli';

const DEFAULT = join(__dirname, '../../model-build/default');
let folder: string;
let bundle: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-model-cli-'));
  bundle = join(folder, 'copy');
  cpSync(DEFAULT, bundle, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tierwatch model', () => {
  it('list names the bundles below a folder and their graphs', () => {
    const { status, stdout } = runCli('model', 'list', folder);
    expect([status, stdout]).toEqual([
      0,
      `${bundle}  tierwatch-demo@3  demo  fp32 192x320, int8 192x320\n`,
    ]);
  });

  it('show says which variant runs where, and why', () => {
    const { status, stdout } = runCli('model', 'show', bundle);
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(1)).toEqual([
      'classes: person, vehicle; from model-build/training/default.yaml',
      '  fp32-192x320.onnx  2.06 MB',
      '  int8-192x320.onnx  0.61 MB',
      'CPUs with avx2 avx512f avx512_vnni avx_vnni: int8',
      'int8 on avx2 avx512f avx512_vnni avx_vnni: 1.55x the speed of fp32, 0.0 points AP50 lost [-0.3, 0.2]: chosen',
      '',
    ]);
  });

  it('benchmark records what one thread needs, and only that; diff shows it', () => {
    const timed = join(folder, 'timed');
    cpSync(DEFAULT, timed, { recursive: true });
    const quick = ['--batch', '1', '--rounds', '1'];
    expect(runCli('model', 'benchmark', timed, ...quick, '--threads', '2').stdout).toMatch(
      /threads: 2\n {2}fp32 192x320 batch 1: [\d.]+ ms; 2\.06 MB; session \d+ ms\n[\s\S]*\nnot recorded/,
    );
    expect(runCli('model', 'diff', bundle, timed).stdout).toBe('no difference\n');
    expect(runCli('model', 'benchmark', timed, ...quick).status).toBe(0);
    const places = runCli('model', 'diff', bundle, timed).stdout.match(/^\w\S*/gm);
    expect(places?.[0]).toBe('benchmarks');
    expect(readdirSync(timed)).toEqual(readdirSync(bundle));
  });

  it('check refuses a bundle whose graphs see more than what was recorded', () => {
    const seeing = join(folder, 'seeing');
    cpSync(DEFAULT, seeing, { recursive: true });
    const file = join(seeing, 'manifest.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    const checks = manifest.checks.map((one) => ({ ...one, detections: [] }));
    writeFileSync(file, JSON.stringify({ ...manifest, checks }));
    const { status, stderr } = runCli('model', 'check', seeing);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^tierwatch: "check-1\.jpg" \(fp32\): expected the 0 recorded answers, found (person|vehicle) at .* besides; the runtime or the bundle changed \[model-bundle\]\n$/,
      ),
    ]);
  });

  it.each(['show', 'diff', 'check', 'benchmark'])(
    '%s tells nothing of a bundle with one changed byte in a graph',
    (verb) => {
      const tampered = join(folder, 'tampered');
      cpSync(DEFAULT, tampered, { recursive: true });
      const graph = join(tampered, 'int8-192x320.onnx');
      const bytes = readFileSync(graph);
      bytes[5000] = bytes[5000]! ^ 1;
      writeFileSync(graph, bytes);
      const { status, stdout, stderr } = runCli(
        ...['model', verb, tampered],
        ...(verb === 'diff' ? [bundle] : []),
      );
      expect([status, stdout, stderr]).toEqual([
        ...[1, ''],
        expect.stringMatching(
          /^tierwatch: "[^"]+int8-192x320\.onnx": expected sha256 \w{64}, found \w{64}; the file was changed or cut off: make the bundle again \[model-bundle\]\n$/,
        ),
      ]);
    },
  );

  it.each([
    [['list', '/no/such'], 1, /"\/no\/such": expected a folder of bundles, found none/],
    [['list', __dirname], 1, /expected bundles below it, found none; make one/],
    [['show', __dirname], 1, /expected a model bundle, found no manifest\.json; make one/],
    [['get', 'yolo-nano'], 1, /"yolo-nano": expected a recipe \(yolox-nano\), found none/],
    [['get', 'yolox-nano', '--out', __dirname], 1, /found something else; choose another --out/],
    [['benchmark', DEFAULT, '--batch', '1,65'], 2, /different whole numbers from 1 to 64/],
    [['benchmark', DEFAULT, '--rounds', '0'], 2, /expected a whole number above 0/],
    [['benchmark', DEFAULT, '--threads', '0'], 2, /expected a whole number above 0/],
    [
      ['import', 'x.onnx', '--licence', ' ', '--source', 'x', '--out', 'never'],
      1,
      /"--licence {2}": expected the licence of the weights, found none/,
    ],
    [
      ['import', 'x.onnx', '--licence', 'x', '--source', 'x', '--out', 'never'],
      1,
      /"x\.onnx": expected an ONNX file, found none that can be read/,
    ],
    [
      ['import', 'x.onnx', '--licence', 'x', '--source', 'x', '--out', 'n', '--input', '256'],
      1,
      /"--input 256": expected HEIGHTxWIDTH in px, such as 256x416/,
    ],
  ])('refuses %j in one sentence', (values, status, sentence) => {
    const found = runCli('model', ...values);
    expect([found.status, found.stdout, found.stderr]).toEqual([
      ...[status, '', expect.stringMatching(sentence)],
    ]);
    expect(found.stderr.trim().split('\n')).toHaveLength(1);
  });
});
