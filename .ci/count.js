// Adds up what the test run and verify wrote, as the one line that CI reads.
const { readFileSync } = require('node:fs');

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

const tests = read('.cache/vitest.json');
const peers = read('.cache/vitest-verify.json');
const verify = read('.cache/verify.json');
const passed = (tests?.numPassedTests ?? 0) + (peers?.numPassedTests ?? 0) + (verify?.passed ?? 0);
const failed = (tests?.numFailedTests ?? 1) + (peers?.numFailedTests ?? 1) + (verify?.failed ?? 1);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
