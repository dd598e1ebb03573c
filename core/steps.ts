/** Work that can be left at each `yield`, so that other work gets its turn before it goes on. */
export type Steps<Result> = Generator<void, Result, void>;

/** Goes through all steps without a pause. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** As Map.groupBy, a step an element. */
export function* groupInSteps<Key, One>(
  all: Iterable<One>,
  keyOf: (one: One) => Key,
): Steps<Map<Key, One[]>> {
  const groups = new Map<Key, One[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
    yield;
  }
  return groups;
}
