// What the measurements by ONNX Runtime share.
const fs = require('fs');
const ort = require('onnxruntime-node');

/** A tensor of a safetensors file of float32: {shape, data}. */
function readTensor(path, name) {
  const bytes = fs.readFileSync(path);
  const size = Number(bytes.readBigUInt64LE(0));
  const {shape, data_offsets: [begin, end]} = JSON.parse(bytes.toString('utf8', 8, 8 + size))[name];
  return {shape, data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + 8 + size + begin,
                                                           bytes.byteOffset + 8 + size + end))};
}

/** The same picture several times, as ONNX Runtime takes it. */
function repeated({shape, data}, batch) {
  const all = new Float32Array(data.length * batch);
  for (let i = 0; i < batch; ++i) all.set(data, i * data.length);
  return new ort.Tensor('float32', all, [batch, ...shape.slice(1)]);
}

function open(model, threads) {
  return ort.InferenceSession.create(model, {intraOpNumThreads: threads});
}

/** Seconds of each of `count` calls of `work` after `warmUp` more, and the last one's result. */
async function timed(warmUp, count, work) {
  const seconds = [];
  let result;
  for (let turn = 0; turn < warmUp + count; ++turn) {
    const start = process.hrtime.bigint();
    result = await work();
    if (turn >= warmUp) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  return {seconds, result};
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

/** Prints the JSON that compare.py reads. */
function report(seconds, painted, batch, threads) {
  const sorted = [...seconds].sort((a, b) => a - b);
  console.log(JSON.stringify({program: 'onnxruntime', precision: 'fp32', batch, threads, seconds,
                              median_seconds: sorted[sorted.length >> 1], peak_bytes: peakBytes(),
                              version: require('onnxruntime-node/package.json').version, ...summary(painted)}));
}

/** Runs an asynchronous main function; its error becomes the exit status. */
function run(main) {
  main().catch(error => {
    console.error(String(error));
    process.exit(1);
  });
}

module.exports = {open, ort, readTensor, repeated, report, run, timed};
