import { z } from 'zod';
import { canonicalJson } from './hash';
import type { Plan } from './review';

const exportSchema = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          inputs: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
});
/** What `pulumi stack export` prints, as far as a review needs it. */
export type StackExport = z.infer<typeof exportSchema>;

/** @throws {z.ZodError} */
export function parseExport(text: string): StackExport {
  return exportSchema.parse(JSON.parse(text));
}

/** The plan that leads from one state of a stack to another: unlike a preview it knows every value. */
export function planBetween(before: StackExport, after: StackExport): Plan {
  const of = ({ deployment }: StackExport) =>
    new Map((deployment.resources ?? []).map(({ urn, ...state }) => [urn, state]));
  const [old, now] = [of(before), of(after)];
  const urns = [...new Set([...old.keys(), ...now.keys()])];
  return {
    steps: urns.map((urn) => {
      const [oldState, newState] = [old.get(urn), now.get(urn)];
      const isSame =
        canonicalJson(oldState?.inputs ?? {}) === canonicalJson(newState?.inputs ?? {});
      const op = !oldState ? 'create' : !newState ? 'delete' : isSame ? 'same' : 'update';
      return {
        ...{ op, urn },
        ...(oldState ? { oldState } : {}),
        ...(newState ? { newState } : {}),
      };
    }),
  };
}
