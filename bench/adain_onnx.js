// adain by ONNX Runtime: the measurement `transfer` of paint_bench.cpp on the same pictures, with the encoder and the
// decoder as exported. What lies between them is not ONNX's: padding, means and deviations are JavaScript.
//     node adain_onnx.js FOLDER PICTURES.safetensors BATCH COUNT WARM_UP THREADS
// FOLDER: as `paint_bench levels adain FOLDER` wrote it.
const fs = require('fs');
const {open, ort, readTensor, repeated, report, run, timed} = require('./onnx_measure.js');

/** Where `place` lies when a row of `size` values is reflected at both ends, the end values not repeated. */
function reflected(place, size) {
  const period = 2 * (size - 1), within = ((place % period) + period) % period;
  return within < size ? within : period - within;
}

/** A new tensor of height × width whose value at (y, x) is the old one's at (rows[y], columns[x]). */
function gathered({dims: [pictures, channels, height, width], data}, rows, columns) {
  const all = new Float32Array(pictures * channels * rows.length * columns.length);
  let at = 0;
  for (let plane = 0; plane < pictures * channels; ++plane)
    for (const row of rows) {
      const line = (plane * height + row) * width;
      for (const column of columns) all[at++] = data[line + column];
    }
  return new ort.Tensor('float32', all, [pictures, channels, rows.length, columns.length]);
}

/** Places in a row of `size` values with `margin` at both ends, then a multiple of `multiple`, reflected each time. */
function paddedPlaces(size, margin, multiple) {
  const framed = size + 2 * margin, whole = Math.ceil(framed / multiple) * multiple;
  return Int32Array.from({length: whole}, (_, i) => reflected(reflected(i, framed) - margin, size));
}

function cutPlaces(size, margin) {
  return Int32Array.from({length: size}, (_, i) => i + margin);
}

/** Mean and variance of each channel of each picture. */
function moments({dims: [pictures, channels, height, width], data}) {
  const positions = height * width, mean = new Float64Array(pictures * channels), variance = mean.slice();
  for (let plane = 0; plane < mean.length; ++plane) {
    let sum = 0, squares = 0;
    for (let i = plane * positions; i < (plane + 1) * positions; ++i) sum += data[i];
    mean[plane] = sum / positions;
    for (let i = plane * positions; i < (plane + 1) * positions; ++i) squares += (data[i] - mean[plane]) ** 2;
    variance[plane] = squares / (positions - 1);
  }
  return {mean, variance};
}

/** What is added to variances: a share of their sum over the picture's channels. */
function ridge(variance, picture, channels, least) {
  return least * variance.subarray(picture * channels, (picture + 1) * channels).reduce((sum, value) => sum + value, 0);
}

/** Huang, Belongie, ICCV 2017, eq. 8. */
function adain(features, target, least) {
  const {dims: [pictures, channels, height, width], data} = features;
  const {mean, variance} = moments(features), positions = height * width, moved = new Float32Array(data.length);
  const wanted = ridge(target.variance, 0, channels, least);
  for (let picture = 0; picture < pictures; ++picture) {
    const own = ridge(variance, picture, channels, least);
    for (let channel = 0; channel < channels; ++channel) {
      const plane = picture * channels + channel;
      const scale = Math.sqrt((target.variance[channel] + wanted) / (variance[plane] + own));
      const offset = target.mean[channel] - scale * mean[plane];
      for (let i = plane * positions; i < (plane + 1) * positions; ++i) moved[i] = scale * data[i] + offset;
    }
  }
  return new ort.Tensor('float32', moved, features.dims);
}

run(async () => {
  const [folder, pictures] = process.argv.slice(2, 4);
  const [batch, count, warmUp, threads] = process.argv.slice(4).map(Number);
  const {margin, multiple, least, taps: [tap]} = JSON.parse(fs.readFileSync(`${folder}/levels.json`));
  const encoder = await open(`${folder}/encoder-${tap}.onnx`, threads);
  const decoder = await open(`${folder}/decoder-${tap}.onnx`, threads);
  const encoded = async picture => (await encoder.run({picture}))[tap];
  const target = moments(await encoded(repeated(readTensor(pictures, 'style'), 1)));
  const photos = repeated(readTensor(pictures, 'photo'), batch), [height, width] = photos.dims.slice(2);
  const {seconds, result} = await timed(warmUp, count, async () => {
    const padded = gathered(photos, paddedPlaces(height, margin, multiple), paddedPlaces(width, margin, multiple));
    const painted = await decoder.run({features: adain(await encoded(padded), target, least)});
    return gathered(painted[decoder.outputNames[0]], cutPlaces(height, margin), cutPlaces(width, margin));
  });
  report(seconds, result.data, batch, threads);
});
