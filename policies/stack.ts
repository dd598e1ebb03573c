import { UnknownValueError } from '@pulumi/policy';
import type { Judged } from './rule';

/** Resources of a type whose property names another resource. @throws {UnknownValueError} where that is not known yet */
export function attachedTo(
  target: Judged,
  { stack, type, property }: { stack: readonly Judged[]; type: string; property: string },
): Judged[] {
  return stack.filter((one) => one.type === type && pointsTo(one, property, target));
}

/**
 * Whether a property names a resource: by what its value says, as AWS reads it. A value that is not known yet names what it was
 * made from, where that is one resource of the target's type.
 * @throws {UnknownValueError} where neither tells: a preview leaves the rule to the update instead of guessing
 */
export function pointsTo(from: Judged, property: string, target: Judged): boolean {
  if (!isSet(from, property)) return false;
  const origins = from.madeFrom[property] ?? [];
  if (origins.length > 0 && !origins.includes(target.urn)) return false;
  if (!isKnown(from, property)) {
    const alike = origins.filter((urn) => typeOf(urn) === target.type);
    return alike.length === 1 || askFor(from, property);
  }
  const value = from.props[property];
  if (typeof value !== 'string') return false;
  const named = (NAMED[property] ?? wholly)(value);
  const given = IDENTITIES.filter((identity) => isSet(target, identity));
  const known = given.filter((identity) => isKnown(target, identity));
  if (known.some((identity) => named.includes(target.props[identity]))) return true;
  const open = given.find((identity) => !known.includes(identity));
  return open === undefined ? false : askFor(target, open);
}

/** Whether a property is given, even where its value is known only after its creation. */
export function isSet({ props }: Judged, property: string): boolean {
  // `in` is the one question that does not ask for the value.
  return property in props;
}

export function ofType(stack: readonly Judged[], type: string): Judged[] {
  return stack.filter((one) => one.type === type);
}

/** By what AWS tells one resource from another. */
const IDENTITIES = ['arn', 'id', 'name', 'url', 'bucket', 'resourceId'] as const;

const wholly = (value: string): readonly unknown[] => [value];

/** What a value names, where it is more than a name. */
const NAMED: Readonly<Record<string, (value: string) => readonly unknown[]>> = {
  redrivePolicy: (value) => [JSON.parse(value).deadLetterTargetArn],
  redriveAllowPolicy: (value) => JSON.parse(value).sourceQueueArns ?? [],
  // A name or an ARN, with a qualifier or without.
  functionName: (value) => [value, value.replace(/:[^:]+$/, '')],
  // function:NAME:ALIAS, endpoint/NAME/variant/VARIANT; another's resourceId is the same text.
  resourceId: (value) => [value, value.split(/[:/]/)[1]],
};

function isKnown({ props }: Judged, property: string): boolean {
  try {
    void props[property];
    return true;
  } catch (error) {
    if (error instanceof UnknownValueError) return false;
    throw error;
  }
}

/** Asks for what is not known yet, and so throws. */
function askFor({ props }: Judged, property: string): never {
  throw new RangeError(`"${property}": expected no value yet, found ${String(props[property])}`);
}

function typeOf(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}
