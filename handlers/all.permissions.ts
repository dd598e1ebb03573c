import type { Permission, PlatformOptions } from '../core/permissions';
import { alertsPermissions } from './alerts.permissions';
import { detectCpuPermissions } from './detect-cpu.permissions';
import { retentionPermissions } from './retention.permissions';
import { routePermissions } from './route.permissions';

export interface FunctionAccess {
  /** The handler's own calls, proven enough and needed. */
  readonly permissions: readonly Permission[];
  /** What feeds it; null: a schedule or an API. */
  readonly eventSource: PlatformOptions['eventSource'];
  readonly readsFootage: boolean;
}

/** Every function and what it may do, by its one name. */
export const FUNCTION_ACCESS = {
  route: { permissions: routePermissions, eventSource: 'landedQueue', readsFootage: true },
  'detect-cpu': { permissions: detectCpuPermissions, eventSource: 'cpuQueue', readsFootage: true },
  alerts: { permissions: alertsPermissions, eventSource: null, readsFootage: false },
  retention: {
    permissions: retentionPermissions,
    eventSource: 'retentionQueue',
    readsFootage: false,
  },
} as const satisfies Readonly<Record<string, FunctionAccess>>;
export type FunctionName = keyof typeof FUNCTION_ACCESS;
