import type { Judged } from './rule';

/** Resources of a type whose property names another resource. */
export function attachedTo(
  target: Judged,
  { stack, type, property }: { stack: readonly Judged[]; type: string; property: string },
): Judged[] {
  return stack.filter((one) => one.type === type && pointsTo(one, property, target));
}

/** Whether a property was made from a resource, or, where it was written out, names it. */
export function pointsTo(from: Judged, property: string, target: Judged): boolean {
  const origins = from.madeFrom[property] ?? [];
  if (origins.length > 0) return origins.includes(target.urn);
  if (!isSet(from, property)) return false;
  const value = from.props[property];
  return typeof value === 'string' && namesOf(target).some((name) => isNamed(value, name));
}

/** Whether a property is given, even where its value is known only after its creation. */
export function isSet({ props }: Judged, property: string): boolean {
  // `in` is the one question that does not ask for the value.
  return property in props;
}

export function ofType(stack: readonly Judged[], type: string): Judged[] {
  return stack.filter((one) => one.type === type);
}

const IDENTITIES = ['arn', 'id', 'name', 'url', 'bucket', 'resourceId'] as const;

function namesOf(target: Judged): string[] {
  return IDENTITIES.filter((name) => isSet(target, name))
    .map((name) => target.props[name])
    .filter((value) => typeof value === 'string');
}

/** The whole text, a text inside its JSON, or a part of its ARN or path. */
function isNamed(value: string, name: string): boolean {
  return value === name || value.includes(`"${name}"`) || value.split(/[:/"]/).includes(name);
}
