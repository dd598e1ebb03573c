import {
  ASYNC_PERMISSIONS,
  DELIVERY_PERMISSIONS,
  ENDPOINT_PERMISSIONS,
  LIVE_ROLL_UP_PERMISSIONS,
  type Permission,
  platformPermissions,
} from '../core/permissions';
import { FUNCTION_ACCESS, type FunctionAccess } from '../handlers/all.permissions';

/** Roles of AWS's own services, by how their names end: each is made from such a list. */
const SERVICE_ROLES: Readonly<Record<string, readonly Permission[]>> = {
  '-gpu': ENDPOINT_PERMISSIONS,
  '-gpu-async': [...ENDPOINT_PERMISSIONS, ...ASYNC_PERMISSIONS],
  '-detections': DELIVERY_PERMISSIONS,
  '-analytics-roll-ups': LIVE_ROLL_UP_PERMISSIONS,
  '-schedule': [
    {
      actions: ['lambda:InvokeFunction'],
      resource: 'everything',
      reason: 'a schedule invokes its one alias',
    },
  ],
};

/** Why a role may do something: what a handler declares, its platform or AWS's service needs; null: nobody said. */
export function declaredReason(role: string, action: string): string | null {
  const ofFunctions = Object.entries(FUNCTION_ACCESS as Readonly<Record<string, FunctionAccess>>)
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
  const ofServices = Object.entries(SERVICE_ROLES)
    .filter(([end]) => role.endsWith(end))
    .flatMap(([, permissions]) => permissions);
  const declared = [...ofFunctions, ...ofServices];
  return declared.find(({ actions }) => actions.includes(action))?.reason ?? null;
}
