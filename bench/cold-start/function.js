// One cold function in a process of its own: entry, child, first second, then the same second again.
// Usage: node function.js ENTRY CHILD JOB, with the functions' environment. Prints marks, ms since the process began.
const { fork } = require('node:child_process');

const [entry, childProgram, jobText] = process.argv.slice(2);
const job = JSON.parse(jobText);
const marks = { node: performance.now() };
require(entry);
marks.ready = performance.now();

const child = fork(childProgram, [], {
  serialization: 'advanced',
  execArgv: [],
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
/** The order tells the stages apart: a probe needs the imports alone, the second job finds the session warm. */
const TASKS = [
  ['imported', { probe: { file: job.file } }],
  ['first', { job }],
  ['again', { job }],
];
let at = 0;
const ask = () => child.send({ id: at, task: TASKS[at][1] });
child.on('message', ({ error }) => {
  if (error) throw new Error(error.message);
  marks[TASKS[at][0]] = performance.now();
  if (++at < TASKS.length) return ask();
  console.log(JSON.stringify(marks));
  process.exit(0);
});
ask();
