import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetFileError, parseFleet } from '../../core/fleet/parse';
import {
  type FleetProblem,
  readWithPositions,
  valuesWithoutPositions,
} from '../../core/fleet/read-text';
import { FLEET_TEXT, typedFleets, typedTexts } from './typed-yaml';

function problemsOf(text: string): readonly FleetProblem[] {
  try {
    parseFleet('fleet.yaml', text);
    return [];
  } catch (error) {
    if (error instanceof FleetFileError) return error.problems;
    throw error;
  }
}

describe('a fleet file’s text, read fast', () => {
  it('has the values that it has with positions, and no problem', () => {
    let fast = 0;
    fc.assert(
      fc.property(typedTexts, (text) => {
        const values = valuesWithoutPositions(text);
        if (values === undefined) return;
        fast++;
        const { raw, problems } = readWithPositions({ file: 'fleet.yaml', text });
        expect({ values: values ?? {}, problems: [] }).toEqual({ values: raw, problems });
      }),
      { numRuns: 4_000 },
    );
    expect(fast).toBeGreaterThan(400);
  });

  it('is refused with the problems, lines and columns that it has where it can’t be read fast', () => {
    let refused = 0;
    fc.assert(
      fc.property(typedFleets, (text) => {
        if (valuesWithoutPositions(text) === undefined) return;
        const problems = problemsOf(`${text}\n`);
        // A comment with a "!" is enough to be read with positions from the start.
        expect(problems).toEqual(problemsOf(`${text}\n# !`));
        if (problems.length > 0) refused++;
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  it.each([
    ['as a whole', FLEET_TEXT],
    ['after a document’s mark', `---\n${FLEET_TEXT}`],
    ['with Windows’ line ends', FLEET_TEXT.replaceAll('\n', '\r\n')],
  ])('is read so %s', (_, text) => {
    const { raw } = readWithPositions({ file: 'fleet.yaml', text });
    expect(valuesWithoutPositions(text)).toEqual(raw);
  });

  it.each([
    ['a camera named twice', 'cameras: { a/b: {}, a/b: {} }'],
    ['an alias', 'defaults: *x'],
    ['an anchor', 'defaults: &x {}'],
    ['a tag', 'defaults: !!map {}'],
    ['another version', '%YAML 1.1\n---\ndefaults: {}'],
    ['two documents', 'defaults: {}\n---\nsites: {}'],
    ['a key that is no text', 'tiers: { ~: {} }'],
    ['a number beyond a double’s', 'defaults: { minConfidence: 1e999 }'],
    ['a tab', 'defaults:\t{}'],
  ])('is not read so with %s', (_, text) => {
    expect(valuesWithoutPositions(text)).toBeUndefined();
  });
});
