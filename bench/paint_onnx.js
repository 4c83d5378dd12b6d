// Networks that paint, by ONNX Runtime: the measurement `paint` of paint_bench.cpp on the same network and picture.
//     node paint_onnx.js MODEL.onnx PICTURES.safetensors STYLES BATCH COUNT WARM_UP THREADS
// STYLES: how many styles the network holds; 0 for a network that takes pictures only.
const fs = require('fs');
const ort = require('onnxruntime-node');

/** The tensor "photo" of a safetensors file of float32. */
function readPhoto(path) {
  const bytes = fs.readFileSync(path);
  const size = Number(bytes.readBigUInt64LE(0));
  const {shape, data_offsets: [begin, end]} = JSON.parse(bytes.toString('utf8', 8, 8 + size)).photo;
  return {shape, data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + 8 + size + begin,
                                                           bytes.byteOffset + 8 + size + end))};
}

function repeated({shape, data}, batch) {
  const all = new Float32Array(data.length * batch);
  for (let i = 0; i < batch; ++i) all.set(data, i * data.length);
  return new ort.Tensor('float32', all, [batch, ...shape.slice(1)]);
}

function summary(data) {
  let sum = 0, squares = 0;
  for (const value of data) {
    const painted = Math.min(Math.max(value, 0), 1);
    sum += painted;
    squares += painted * painted;
  }
  return {mean: sum / data.length, square: squares / data.length};
}

function peakBytes() {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
}

async function main() {
  const [model, pictures, styles, batch, count, warmUp, threads] = process.argv.slice(2);
  const session = await ort.InferenceSession.create(model, {intraOpNumThreads: Number(threads)});
  const feeds = {picture: repeated(readPhoto(pictures), Number(batch))};
  if (Number(styles) > 0) {
    const shares = new Float32Array(Number(styles));
    shares[0] = 1;
    feeds.shares = new ort.Tensor('float32', shares, [1, shares.length]);
  }
  const seconds = [];
  let painted;
  for (let turn = 0; turn < Number(warmUp) + Number(count); ++turn) {
    const start = process.hrtime.bigint();
    painted = (await session.run(feeds))[session.outputNames[0]];
    if (turn >= Number(warmUp)) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  const sorted = [...seconds].sort((a, b) => a - b);
  console.log(JSON.stringify({program: 'onnxruntime', precision: 'fp32', batch: Number(batch), threads: Number(threads),
                              seconds, median_seconds: sorted[sorted.length >> 1], peak_bytes: peakBytes(),
                              version: require('onnxruntime-node/package.json').version, ...summary(painted.data)}));
}

main().catch(error => {
  console.error(String(error));
  process.exit(1);
});
