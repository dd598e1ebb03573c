import type { Permission } from '../core/permissions';

/** What every function that reads a model may do, where `tierwatch:model` names one. */
export const MODEL_PERMISSION: Permission = {
  actions: ['s3:GetObject'],
  resource: 'modelArchive',
  reason: 'its model, fetched once a sandbox and checked by its sha256',
};
