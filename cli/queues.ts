/** Queues of the platform on one machine, by the function that they feed. */
export const QUEUES = {
  route: 'landed',
  'detect-cpu': 'segments',
  'detect-gpu': 'gpu',
  analytics: 'analytics',
} as const;
