/** Names of the single table's keys and indexes: infra makes the table by them, the stores use it by them. */
export const TABLE_KEYS = {
  partition: 'pk',
  sort: 'sk',
  /** By site, day and a share of its cameras, and by camera. */
  byTime: { index: 'by-time', partition: 'timePk', sort: 'timeSk' },
  /** Sparse: only what waits for something, was rejected, or has somebody in it. */
  byStatus: { index: 'by-status', partition: 'statusPk', sort: 'statusSk' },
  expiresAt: 'expiresAt',
} as const;
