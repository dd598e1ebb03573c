// Runs a TypeScript program of the project: node cli/run-typescript.js FILE [arguments]
const { resolve } = require('node:path');

process.env.ORT_DISABLE_TELEMETRY = '1';
require('tsx/cjs');
const [, , file, ...rest] = process.argv;
process.argv = [process.argv[0], resolve(file), ...rest];
require(resolve(file));
