import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** What vitest's reporter `json` writes, as far as it is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly ancestorTitles?: readonly string[];
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

const MOST_LINES = 25;

/**
 * The tests that failed by a report of vitest, each with the head of its error, so that a log that is cut off still has
 * them. @returns null: there is no report, or it has no failure
 */
export function failuresIn(file: string): string | null {
  const report = read(file);
  if (!report) return null;
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [`× ${name}\n${headOf(message)}`];
    return failed.map(
      ({ fullName, failureMessages }) =>
        `× ${fullName}\n${headOf((failureMessages ?? []).join('\n'))}`,
    );
  });
  return failures.length === 0 ? null : failures.join('\n');
}

/** The contract suites that passed by a report of vitest, each with how many of its tests. @returns null: it has none */
export function contractsIn(file: string): string | null {
  const suites = new Map<string, number>();
  for (const { assertionResults } of read(file)?.testResults ?? []) {
    for (const { status, ancestorTitles: [suite = ''] = [] } of assertionResults) {
      if (status !== 'passed' || !suite.includes(' contract: ')) continue;
      const name = suite.replace(' contract: ', ' on ');
      suites.set(name, (suites.get(name) ?? 0) + 1);
    }
  }
  return suites.size === 0
    ? null
    : [...suites].map(([name, tests]) => `${name} ${tests}`).join(', ');
}

function read(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return null;
  }
}

/** An error without its way through packages. */
function headOf(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('node_modules'));
  return lines
    .slice(0, MOST_LINES)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n');
}
