import type { Judged } from './rule';

/** Resources of a type whose property names another resource: made from it, or holding one of its names. */
export function attachedTo(
  target: Judged,
  { stack, type, property }: { stack: readonly Judged[]; type: string; property: string },
): Judged[] {
  return stack.filter((one) => one.type === type && pointsTo(one, property, target));
}

/** Whether a property was made from a resource, or holds its id, name, ARN or URL. */
export function pointsTo(from: Judged, property: string, target: Judged): boolean {
  if (from.madeFrom[property]?.includes(target.urn)) return true;
  if (!isSet(from, property) || hasOrigin(from, property)) return false;
  const value = from.props[property];
  return (
    typeof value === 'string' &&
    ['arn', 'id', 'name', 'url', 'bucket'].some(
      (name) => isSet(target, name) && target.props[name] === value,
    )
  );
}

/** Whether a property is given, even where its value is known only after its creation. */
export function isSet({ props }: Judged, property: string): boolean {
  // `in` is the one question that does not ask for the value.
  return property in props;
}

export function ofType(stack: readonly Judged[], type: string): Judged[] {
  return stack.filter((one) => one.type === type);
}

function hasOrigin({ madeFrom }: Judged, property: string): boolean {
  return (madeFrom[property]?.length ?? 0) > 0;
}
