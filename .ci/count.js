// Adds up what the test run and verify wrote, as the one line that CI reads.
const { readdirSync, readFileSync } = require('node:fs');

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

const tests = read('.cache/vitest.json');
const verify = read('.cache/verify.json');
// Tests that verify ran; one that did not come to write its file is a failed check of verify's.
const peers = readdirSync('.cache')
  .filter((name) => /^vitest-verify-.*\.json$/.test(name))
  .map((name) => read(`.cache/${name}`));
const sum = (field) => peers.reduce((total, one) => total + (one?.[field] ?? 0), 0);
const passed = (tests?.numPassedTests ?? 0) + sum('numPassedTests') + (verify?.passed ?? 0);
const failed = (tests?.numFailedTests ?? 1) + sum('numFailedTests') + (verify?.failed ?? 1);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
