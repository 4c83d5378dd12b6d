// Networks that paint, by ONNX Runtime: the measurement `paint` of paint_bench.cpp on the same network and picture.
//     node paint_onnx.js MODEL.onnx PICTURES.safetensors STYLES BATCH COUNT WARM_UP THREADS
// STYLES: how many styles the network holds; 0 for a network that takes pictures only.
const {open, ort, readTensor, repeated, report, run, timed} = require('./onnx_measure.js');

run(async () => {
  const [model, pictures] = process.argv.slice(2, 4);
  const [styles, batch, count, warmUp, threads] = process.argv.slice(4).map(Number);
  const session = await open(model, threads);
  const feeds = {picture: repeated(readTensor(pictures, 'photo'), batch)};
  if (styles > 0) {
    const shares = new Float32Array(styles);
    shares[0] = 1;
    feeds.shares = new ort.Tensor('float32', shares, [1, shares.length]);
  }
  const {seconds, result} = await timed(warmUp, count, async () => (await session.run(feeds))[session.outputNames[0]]);
  report(seconds, result.data, batch, threads);
});
