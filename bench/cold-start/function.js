// One cold function in a process of its own: its entry starts the child and loads the SDK at once; then one second of
// footage, then the same second again. Usage: node function.js ENTRY JOB, with the functions' environment. Prints marks,
// ms since the process began.
const processes = require('node:child_process');

const [entry, jobText] = process.argv.slice(2);
const marks = { node: performance.now() };
const { fork } = processes;
const started = new Promise((resolve) => {
  processes.fork = (...values) => {
    const child = fork(...values);
    // The pool's own first task loads the model.
    child.once('message', ({ error }) => {
      if (error) throw new Error(error.message);
      marks.warm = performance.now();
      resolve(child);
    });
    return child;
  };
});
require(entry);
marks.ready = performance.now();

async function main() {
  const child = await started;
  for (const mark of ['first', 'again']) {
    child.send({ id: mark, task: { job: JSON.parse(jobText) } });
    const { error } = await new Promise((resolve) => child.once('message', resolve));
    if (error) throw new Error(error.message);
    marks[mark] = performance.now();
  }
  console.log(JSON.stringify(marks));
  process.exit(0);
}
main();
