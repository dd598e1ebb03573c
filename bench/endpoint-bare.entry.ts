import { bareSegment } from './endpoint-bare';

/** One of several processes at once: MODEL FOOTAGE ROUNDS. */
const [model, footage, rounds] = process.argv.slice(2) as [string, string, string];
bareSegment(model, footage, Number(rounds)).then((found) => console.log(JSON.stringify(found)));
