// What two processes take with nothing of ours: bare as the child of a process that has loaded what any client of AWS does,
// Node's own https. Usage: node two-processes.js and what bare.js takes. Prints marks, ms since the process began.
const { fork } = require('node:child_process');
const { join } = require('node:path');

const marks = { node: performance.now() };
const child = fork(join(__dirname, 'bare.js'), process.argv.slice(2), {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
require('node:https');
marks.ready = performance.now();
child.stdout.once('data', () => {
  marks.first = performance.now();
  console.log(JSON.stringify(marks));
  child.once('exit', () => process.exit(0));
});
