import type { Permission, PlatformOptions } from '../core/permissions';
import { alertsPermissions } from './alerts.permissions';
import { analyticsPermissions } from './analytics.permissions';
import { analyticsQueryPermissions } from './analytics-query.permissions';
import { analyticsSetupPermissions } from './analytics-setup.permissions';
import { apiPermissions } from './api.permissions';
import { detectCpuPermissions } from './detect-cpu.permissions';
import { detectGpuPermissions } from './detect-gpu.permissions';
import { endpointPowerPermissions } from './endpoint-power.permissions';
import { laneSwitchPermissions } from './lane-switch.permissions';
import { retentionPermissions } from './retention.permissions';
import { rollUpPermissions } from './roll-up.permissions';
import { routePermissions } from './route.permissions';

export interface FunctionAccess {
  /** The handler's own calls, proven enough and needed. */
  readonly permissions: readonly Permission[];
  /** What feeds it; null: a schedule or an API. */
  readonly eventSource: PlatformOptions['eventSource'];
  readonly readsFootage: boolean;
  /** Talks to Timestream for LiveAnalytics, where the environment has it. */
  readonly discoversEndpoints: boolean;
}

/** Every function and what it may do, by its one name. */
export const FUNCTION_ACCESS = {
  route: {
    permissions: routePermissions,
    eventSource: 'landedQueue',
    readsFootage: true,
    discoversEndpoints: false,
  },
  'detect-cpu': {
    permissions: detectCpuPermissions,
    eventSource: 'cpuQueue',
    readsFootage: true,
    discoversEndpoints: false,
  },
  'detect-gpu': {
    permissions: detectGpuPermissions,
    eventSource: 'gpuQueue',
    readsFootage: true,
    discoversEndpoints: false,
  },
  'endpoint-power': {
    permissions: endpointPowerPermissions,
    eventSource: null,
    readsFootage: false,
    discoversEndpoints: false,
  },
  'lane-switch': {
    permissions: laneSwitchPermissions,
    eventSource: null,
    readsFootage: false,
    discoversEndpoints: false,
  },
  analytics: {
    permissions: analyticsPermissions,
    eventSource: 'analyticsQueue',
    readsFootage: false,
    discoversEndpoints: true,
  },
  'analytics-query': {
    permissions: analyticsQueryPermissions,
    eventSource: null,
    readsFootage: false,
    discoversEndpoints: true,
  },
  'analytics-setup': {
    permissions: analyticsSetupPermissions,
    eventSource: null,
    readsFootage: false,
    discoversEndpoints: false,
  },
  'roll-up': {
    permissions: rollUpPermissions,
    eventSource: null,
    readsFootage: false,
    discoversEndpoints: false,
  },
  api: {
    permissions: apiPermissions,
    eventSource: null,
    readsFootage: false,
    discoversEndpoints: false,
  },
  alerts: {
    permissions: alertsPermissions,
    eventSource: null,
    readsFootage: false,
    discoversEndpoints: false,
  },
  retention: {
    permissions: retentionPermissions,
    eventSource: 'retentionQueue',
    readsFootage: false,
    discoversEndpoints: false,
  },
} as const satisfies Readonly<Record<string, FunctionAccess>>;
export type FunctionName = keyof typeof FUNCTION_ACCESS;
