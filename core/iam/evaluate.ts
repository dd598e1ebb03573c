/** One statement of an IAM policy, as JSON has it. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
  readonly Sid?: string;
}

/** One call to decide: what IAM is asked for it. */
export interface Asked {
  /** Such as `s3:GetObject`; case does not matter. */
  readonly action: string;
  /** ARN; `*` where the operation has none. */
  readonly resource: string;
  /** Condition keys of the request, such as `aws:SecureTransport`. */
  readonly context?: Readonly<Record<string, string>>;
}

export interface Decision {
  readonly isAllowed: boolean;
  /** The statement that decided; null: none allows it, so it is denied. */
  readonly by: Statement | null;
}

/**
 * Decides as IAM does for one identity policy: an explicit Deny wins, then any Allow, else it is denied.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @throws {RangeError} for a condition operator that this evaluator does not know: never guessed
 */
export function evaluate(statements: readonly Statement[], asked: Asked): Decision {
  const matching = statements.filter((statement) => applies(statement, asked));
  const denied = matching.find(({ Effect }) => Effect === 'Deny');
  if (denied) return { isAllowed: false, by: denied };
  const allowed = matching.find(({ Effect }) => Effect === 'Allow');
  return { isAllowed: allowed !== undefined, by: allowed ?? null };
}

/** Allowed pairs of action and resource pattern that none of the calls needs. */
export function unusedGrants(
  statements: readonly Statement[],
  calls: readonly Asked[],
): { readonly action: string; readonly resource: string }[] {
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource, ...rest }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).flatMap((resource) => {
          const grant: Statement = { ...rest, Action: action, Resource: resource };
          return calls.some((call) => applies(grant, call)) ? [] : [{ action, resource }];
        }),
      ),
    );
}

function applies(statement: Statement, { action, resource, context = {} }: Asked): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const isAction = (pattern: string): boolean =>
    matches(pattern.toLowerCase(), action.toLowerCase());
  const isResource = (pattern: string): boolean => matches(pattern, resource);
  const isActed =
    NotAction === undefined ? listOf(Action).some(isAction) : !listOf(NotAction).some(isAction);
  const isMeant =
    NotResource === undefined
      ? listOf(Resource).some(isResource)
      : !listOf(NotResource).some(isResource);
  return isActed && isMeant && holds(Condition, context);
}

function holds(
  conditions: NonNullable<Statement['Condition']>,
  context: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(conditions).every(([operator, keys]) => {
    const test = OPERATORS[operator];
    if (!test) {
      throw new RangeError(
        `"${operator}": expected one of ${Object.keys(OPERATORS).join(', ')}; teach it to core/iam/evaluate.ts`,
      );
    }
    return Object.entries(keys).every(([key, values]) => test(context[key], listOf(values)));
  });
}

type Test = (found: string | undefined, values: readonly string[]) => boolean;
const OPERATORS: Readonly<Record<string, Test>> = {
  Bool: (found, values) => found !== undefined && values.includes(found),
  StringEquals: (found, values) => found !== undefined && values.includes(found),
  StringNotEquals: (found, values) => found === undefined || !values.includes(found),
  StringLike: (found, values) =>
    found !== undefined && values.some((pattern) => matches(pattern, found)),
  ArnLike: (found, values) =>
    found !== undefined && values.some((pattern) => matches(pattern, found)),
  ArnEquals: (found, values) =>
    found !== undefined && values.some((pattern) => matches(pattern, found)),
};

/** `*` stands for any characters, `?` for one. Linear in the length of both: no backtracking bombs. */
export function matches(pattern: string, text: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      mark = from;
    } else if (pattern[at] === '?' || pattern[at] === text[from]) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++mark;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function listOf(values: string | readonly string[] | undefined): readonly string[] {
  if (values === undefined) return [];
  return typeof values === 'string' ? [values] : values;
}
