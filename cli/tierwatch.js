#!/usr/bin/env node
// Tierwatch needs Node 24 (node:sqlite); the package `node` brings one for machines whose own is older.
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const NEEDED_MAJOR = 24;

function bundledNode() {
  const file = join(__dirname, '../node_modules/node/bin/node');
  return existsSync(file) ? file : null;
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  require('tsx/cjs');
  require('./index.ts').main(process.argv);
} else {
  const node = bundledNode();
  if (!node) {
    console.error(
      `tierwatch: expected Node ${NEEDED_MAJOR} or later, found ${process.versions.node}; run "npm ci" in this folder`,
    );
    process.exit(1);
  }
  const child = spawn(node, [__filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child itself, through the terminal; what ends this process alone is handed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (status) => process.exit(status ?? 1));
}
