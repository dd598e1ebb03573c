// The limit: a process that imports the same native modules, decodes one frame, creates the session and runs it.
// Usage: node bare.js VIDEO GRAPH HEIGHT WIDTH. Prints marks, ms since the process began.
process.env.ORT_DISABLE_TELEMETRY = '1';
const [video, graph, height, width] = process.argv.slice(2);
const marks = { node: performance.now() };
const ort = require('onnxruntime-node');
const {
  Codec,
  CodecContext,
  FormatContext,
  Frame,
  Packet,
  SoftwareScaleContext,
} = require('node-av/lib');
const { AVMEDIA_TYPE_VIDEO, AV_PIX_FMT_RGB24, SWS_BILINEAR } = require('node-av/constants');
marks.imported = performance.now();

function firstPicture(heightPx, widthPx) {
  const format = new FormatContext();
  format.openInputSync(video);
  format.findStreamInfoSync(null);
  const stream = format.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.threadCount = 1;
  decoder.open2Sync(codec, null);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  let isSent = true;
  do {
    isSent = format.readFrameSync(packet) >= 0;
    if (isSent && packet.streamIndex !== stream.index) continue;
    decoder.sendPacketSync(isSent ? packet : null);
  } while (decoder.receiveFrameSync(frame) < 0 && isSent);
  const pixels = Buffer.alloc(heightPx * widthPx * 3);
  const scaler = new SoftwareScaleContext();
  scaler.getContext(
    frame.width,
    frame.height,
    frame.format,
    widthPx,
    heightPx,
    AV_PIX_FMT_RGB24,
    SWS_BILINEAR,
  );
  scaler.scaleSync(frame.data, frame.linesize, 0, frame.height, [pixels], [widthPx * 3]);
  return pixels;
}

async function main() {
  const size = [Number(height), Number(width)];
  const pixels = firstPicture(...size);
  const session = await ort.InferenceSession.create(graph, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionProviders: ['cpu'],
    executionMode: 'sequential',
  });
  await session.run({ images: new ort.Tensor('uint8', pixels, [1, ...size, 3]) });
  marks.first = performance.now();
  console.log(JSON.stringify(marks));
  process.exit(0);
}
main();
