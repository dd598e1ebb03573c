import { defineConfig } from 'vitest/config';

/** The walk through the page in a real browser; `npm run verify` finds or installs one. */
export default defineConfig({
  test: {
    include: ['test/verify/browser/**/*.test.ts'],
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
