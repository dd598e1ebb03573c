import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
/** Where `tierwatch start` serves the api that a page in development talks to. */
const api = process.env.TIERWATCH_API ?? 'http://127.0.0.1:8787';

/** The page as files of its own origin: no inline script, so that a strict CSP holds. */
export default defineConfig({
  root,
  base: './',
  plugins: [react()],
  server: { host: '127.0.0.1', proxy: { '/api': api } },
  build: {
    outDir: join(root, '../.cache/dashboard'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
