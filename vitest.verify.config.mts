import { defineConfig } from 'vitest/config';

/** The tests that need peers which `npm run verify` installs and starts. */
export default defineConfig({
  test: {
    include: ['test/verify/**/*.test.ts'],
    globalSetup: ['test/verify/aws/global-setup.ts', 'test/verify/aws/influx-setup.ts'],
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
