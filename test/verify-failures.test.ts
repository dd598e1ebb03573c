import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contractsIn, failuresIn } from './verify/failures';

const folder = mkdtempSync(join(tmpdir(), 'tierwatch-failures-'));
afterAll(() => rmSync(folder, { recursive: true }));

function reportOf(testResults: readonly object[]): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

describe('failuresIn', () => {
  it('lists what failed with the head of each error, without colours or frames of packages', () => {
    const failed = {
      fullName: 'Now shows an event',
      status: 'failed',
      failureMessages: [
        '\u001b[31mError: expected 1, found 2\u001b[39m\n\n    at /p/node_modules/vitest/x.js:1\n    at /p/page.test.ts:7',
      ],
    };
    const passed = { fullName: 'Now is quiet', status: 'passed', failureMessages: [] };
    const file = reportOf([
      {
        name: '/p/page.test.ts',
        status: 'failed',
        message: '',
        assertionResults: [passed, failed],
      },
      {
        name: '/p/other.test.ts',
        status: 'failed',
        message: 'no such module',
        assertionResults: [],
      },
    ]);
    expect(failuresIn(file)).toBe(
      [
        '× Now shows an event',
        '    Error: expected 1, found 2',
        '        at /p/page.test.ts:7',
        '× /p/other.test.ts',
        '    no such module',
      ].join('\n'),
    );
  });

  it('has nothing to say of a report without a failure, or of none', () => {
    const passed = { name: 'a', status: 'passed', message: '', assertionResults: [] };
    expect(failuresIn(reportOf([passed]))).toBeNull();
    expect(failuresIn(join(folder, 'none.json'))).toBeNull();
  });

  it('keeps 25 lines of an error', () => {
    const message = Array.from({ length: 80 }, (_, index) => `line ${index}`).join('\n');
    const file = reportOf([{ name: 'a', status: 'failed', message, assertionResults: [] }]);
    expect(failuresIn(file)!.split('\n')).toHaveLength(26);
  });
});

describe('contractsIn', () => {
  it('counts what passed of each suite on each implementation, and nothing else', () => {
    const test = (suite: string, status = 'passed') => ({
      ...{ fullName: `${suite} a test`, status, ancestorTitles: [suite, 'within'] },
    });
    const assertionResults = [
      test('queue contract: SQS'),
      test('snapshot contract: S3'),
      test('queue contract: SQS'),
      test('queue contract: SQS', 'skipped'),
      test('the road'),
      { fullName: 'alone', status: 'passed', ancestorTitles: [] },
    ];
    const results = [{ name: 'a', status: 'passed', message: '', assertionResults }];
    expect(contractsIn(reportOf(results))).toBe('queue on SQS 2, snapshot on S3 1');
    expect(contractsIn(reportOf([]))).toBeNull();
  });
});
