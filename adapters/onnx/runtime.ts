// ONNX Runtime 1.29 and later reports usage over the network unless this is set before it loads.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** ONNX Runtime, loaded with its telemetry off. */
export const ort: typeof import('onnxruntime-node') = require('onnxruntime-node');
