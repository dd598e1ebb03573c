import { expect, it } from 'vitest';
import { admissibleVariants, type Manifest } from '../../core/manifest';
import { decideChoice, explainChoice } from '../../model-build/choice';

const VNNI: Manifest['benchmarks'][number]['cpuFeatures'] = ['avx2', 'avx512f', 'avx512_vnni'];
const sha256 = '0'.repeat(64);

function manifest(options: { loss?: number; int8Ms?: number; plainMs?: number }): Manifest {
  const { loss, int8Ms = 1, plainMs = 2 } = options;
  const row = { heightPx: 192, widthPx: 320, batch: 1, sessionMs: 20 };
  const measured = { dataSet: 'yard', heightPx: 192, widthPx: 320, pictures: 230 };
  return {
    schemaVersion: 1,
    name: 'yard',
    version: '1',
    grade: 'production',
    family: 'yolox',
    classes: ['person'],
    licence: 'MIT',
    source: { url: 'https://example.org', sha256 },
    letterbox: { fill: 114, align: 'top-left' },
    nms: null,
    maxDetections: 100,
    files: (['fp32', 'int8'] as const).map((variant) => {
      return { variant, heightPx: 192, widthPx: 320, file: `${variant}.onnx`, sha256, bytes: 1 };
    }),
    benchmarks: (['avx2'] as const).flatMap((oldest) => [
      bench([oldest], plainMs, plainMs * 1.1),
      bench(VNNI, plainMs, int8Ms),
    ]),
    choice: [],
    accuracy:
      loss === undefined
        ? []
        : [
            {
              ...measured,
              variant: 'int8',
              className: 'all',
              ap50: 0.5,
              interval: [0.45, 0.55],
              loss: { ap50: loss, interval: [loss - 0.015, loss + 0.015] },
            },
          ],
    checks: [],
  };

  function bench(cpuFeatures: typeof VNNI, fp32Ms: number, ms: number) {
    return {
      cpuFeatures,
      runtime: 'onnxruntime-node 1.30.0',
      measuredAt: '2026-11-21',
      rows: [
        { ...row, variant: 'fp32' as const, msPerFrame: fp32Ms },
        { ...row, variant: 'int8' as const, msPerFrame: ms },
      ],
    };
  }
}

it('chooses INT8 on the CPUs where it is faster, the rule with more features first', () => {
  expect(decideChoice(manifest({ loss: 0.004 }))).toEqual([
    { cpuFeatures: VNNI, variant: 'int8' },
    { cpuFeatures: ['avx2'], variant: 'fp32' },
  ]);
});

it('does not choose INT8 that is slower everywhere', () => {
  const choice = decideChoice(manifest({ loss: 0.004, int8Ms: 2.5 }));
  expect(choice.map(({ variant }) => variant)).toEqual(['fp32', 'fp32']);
});

it('does not choose INT8 that loses more than a point, however fast', () => {
  const choice = decideChoice(manifest({ loss: 0.011, int8Ms: 0.1 }));
  expect(choice.map(({ variant }) => variant)).toEqual(['fp32', 'fp32']);
});

it('does not choose INT8 whose accuracy nobody measured', () => {
  expect(admissibleVariants(manifest({}))).toEqual(['fp32']);
});

it('takes the only variant of a bundle without fp32 as it is', () => {
  const whole = manifest({});
  const files = whole.files.filter(({ variant }) => variant === 'int8');
  expect(admissibleVariants({ ...whole, files })).toEqual(['int8']);
});

it('says what was measured and what follows, and where one point is not decidable', () => {
  const whole = manifest({ loss: 0.004 });
  expect(explainChoice({ ...whole, choice: decideChoice(whole) })).toEqual([
    'int8 on avx2: 0.91x the speed of fp32, 0.4 points AP50 lost [-1.1, 1.9], not decidable against 1 point: recorded, not chosen',
    'int8 on avx2 avx512f avx512_vnni: 2.00x the speed of fp32, 0.4 points AP50 lost [-1.1, 1.9], not decidable against 1 point: chosen',
  ]);
});

it('leaves FP16 to GPUs, however fast a CPU runs it, and says whether they take it', () => {
  const whole = withHalf(manifest({ loss: 0.004 }), 0.002);
  expect(decideChoice(whole).map(({ variant }) => variant)).toEqual(['int8', 'fp32']);
  const said = (of: Manifest) => explainChoice(of).filter((line) => line.startsWith('fp16'));
  expect(said(whole)).toEqual(['fp16 on a GPU: 0.2 points AP50 lost [0.1, 0.3]: taken']);
  expect(said(withHalf(manifest({ loss: 0.004 }), 0.02))).toEqual([
    'fp16 on a GPU: 2.0 points AP50 lost [1.9, 2.1]: recorded, fp32 is taken',
  ]);
  expect(said({ ...whole, accuracy: [] })).toEqual([
    'fp16 on a GPU: accuracy not measured ("model evaluate --record"): recorded, fp32 is taken',
  ]);
});

/** With an fp16 graph that a CPU ran in no time and that loses so much. */
function withHalf(whole: Manifest, ap50: number): Manifest {
  const as = <Row extends object>(row: Row) => ({ ...row, variant: 'fp16' as const });
  const interval: [number, number] = [ap50 - 0.001, ap50 + 0.001];
  return {
    ...whole,
    files: [...whole.files, as(whole.files[0]!)],
    benchmarks: whole.benchmarks.map((one) => ({
      ...one,
      rows: [...one.rows, { ...as(one.rows[0]!), msPerFrame: 0.01 }],
    })),
    accuracy: [...whole.accuracy, { ...as(whole.accuracy[0]!), loss: { ap50, interval } }],
  };
}
