import { platformPermissions } from '../core/permissions';
import { FUNCTION_ACCESS, type FunctionAccess } from '../handlers/all.permissions';

/** Grants of roles that are no function's: who wires what. */
const WIRING_REASONS: Readonly<Record<string, string>> = {
  'lambda:InvokeFunction': 'a schedule invokes its one alias',
};

/** Why a function's role may do something: what its handler declares, or its platform needs. */
export function declaredReason(role: string, action: string): string | null {
  const declared = Object.entries(FUNCTION_ACCESS as Readonly<Record<string, FunctionAccess>>)
    .filter(([name]) => role.endsWith(`-${name}`))
    .flatMap(([, { permissions, eventSource }]) => [
      ...permissions,
      ...platformPermissions({
        eventSource,
        isInVpc: true,
        hasDataKey: true,
        isTraced: true,
        readsFootage: true,
        discoversEndpoints: true,
      }),
    ]);
  const found = declared.find(({ actions }) => actions.includes(action));
  return found?.reason ?? WIRING_REASONS[action] ?? null;
}
