import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli';

const ROOT = join(__dirname, '../..');
let folder: string;

/** An interpreter that writes down what it was asked, and ends as it is told. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-model-python-'));
  const python = join(folder, 'python');
  writeFileSync(python, `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/asked"\nexit $FAKE_EXIT\n`);
  chmodSync(python, 0o755);
  process.env.TIERWATCH_PYTHON = python;
  process.env.FAKE_EXIT = '0';
});
afterEach(() => {
  process.env.FAKE_EXIT = '0';
});
afterAll(() => {
  delete process.env.TIERWATCH_PYTHON;
  delete process.env.FAKE_EXIT;
  rmSync(folder, { recursive: true, force: true });
});

const asked = (): string[] => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');

describe('tierwatch model: the verbs of Python', () => {
  it.each([
    ['card', ['models/a'], ['tierwatch_model.card', 'models/a']],
    [
      'train',
      ['--config', 'a.yaml', '--resume', '--minutes', '5'],
      ['tierwatch_model.train', '--config', 'a.yaml', '--minutes', '5', '--resume'],
    ],
    [
      'evaluate',
      ['a', 'b', '--data', 'coco', '--classes', 'person,vehicle'],
      [
        ...['tierwatch_model.evaluate', 'a', 'b', '--data', 'coco', '--classes', 'person,vehicle'],
        ...['--confidence', '0.4', '--seed', '1', '--bootstrap', '1000', '--out', 'report.html'],
      ],
    ],
    [
      'export',
      ['--checkpoint', 'a.pt', '--data', 'yard', '--out', 'b', '--version', '7', '--iou', '0.5'],
      [
        ...['tierwatch_model.export', '--input', '192x320', '--name', 'tierwatch-demo'],
        ...['--version', '7', '--grade', 'demo', '--licence', 'MIT'],
        ...['--source', 'model-build/training/default.yaml', '--sure', '0.4', '--iou', '0.5'],
        ...['--checkpoint', 'a.pt', '--data', 'yard', '--out', 'b'],
      ],
    ],
    [
      'int8-speed',
      [],
      [
        ...['tierwatch_model.int8_speed', '--sizes', 'nano,tiny,s,m'],
        ...['--input', '256x416', '--rounds', '7'],
      ],
    ],
  ])('%s hands its options on', (verb, values, expected) => {
    expect(runCli('model', verb, ...values).status).toBe(0);
    expect(asked()).toEqual(['-m', ...expected]);
  });

  it('quantise names the source of every folder, and says what is chosen afterwards', () => {
    const bundle = join(folder, 'bundle');
    cpSync(join(ROOT, 'model-build/default'), bundle, { recursive: true });
    const values = ['--calibration', 'docs', '--keep-float', 'stem*', '--no-benchmark'];
    const { status, stdout } = runCli('model', 'quantise', bundle, ...values);
    expect(asked()).toEqual([
      ...['-m', 'tierwatch_model.quantise', bundle, '--calibration', 'docs', '--named', 'docs'],
      ...['--pictures', '64', '--seed', '1', '--keep-float', 'stem*', '--sensitivity', 'auto'],
    ]);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/int8 on avx2 .*: 1\.\d\dx the speed of fp32, 0\.\d points AP50 lost/),
    ]);
  });

  it('half says what a GPU takes afterwards', () => {
    const bundle = join(folder, 'halved');
    cpSync(join(ROOT, 'model-build/default'), bundle, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8'));
    const [plain] = manifest.files;
    const files = [...manifest.files, { ...plain, variant: 'fp16' }];
    writeFileSync(join(bundle, 'manifest.json'), JSON.stringify({ ...manifest, files }));
    const { status, stdout } = runCli('model', 'half', bundle, '--pictures', 'yard', 'street');
    expect(asked()).toEqual([
      ...['-m', 'tierwatch_model.half', bundle, '--pictures', 'yard', '--pictures', 'street'],
    ]);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining(
        'fp16 on a GPU: accuracy not measured ("model evaluate --record"): recorded, fp32 is taken',
      ),
    ]);
  });

  it.each([
    ['1', 1],
    ['2', 2],
    ['139', 1],
  ])('ends as Python ends: %s is %i, and nothing follows', (code, status) => {
    process.env.FAKE_EXIT = code;
    const found = runCli('model', 'quantise', 'nowhere', '--calibration', 'docs');
    expect([found.status, found.stdout, found.stderr]).toEqual([status, '', '']);
  });

  it.each([
    [
      ['quantise', 'x', '--calibration', 'no-such-folder'],
      1,
      /^tierwatch: "no-such-folder": expected a folder of pictures or a video, found none/,
    ],
    [
      ['label', 'docs', '--teacher', 'x', '--out', 'labels'],
      1,
      /^tierwatch: "--out labels": expected a \.json file/,
    ],
    [['evaluate', 'x'], 2, /required option '--data <path>' not specified/],
    [['train', '--config', 'x', '--minutes', '0'], 2, /expected a number above 0/],
  ])('refuses %j', (values, status, sentence) => {
    const found = runCli('model', ...values);
    expect([found.status, found.stderr]).toEqual([status, expect.stringMatching(sentence)]);
  });

  it.each(['quantise', 'half', 'evaluate', 'label', 'train', 'export', 'card', 'int8-speed'])(
    '%s --help says where Python comes from and how it ends',
    (verb) => {
      const { status, stdout } = runCli('model', verb, '--help');
      expect(status).toBe(0);
      expect(stdout).toMatch(/Python 3\.11 to 3\.13[\s\S]*Exit codes: 0 done; 1 failed/);
    },
  );
});
