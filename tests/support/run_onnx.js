// Runs models by ONNX Runtime, for the tests of the export: node run_onnx.js CASES.json
// CASES.json: [{model, inputs: {name: {dims, file}}, output, result}]; files hold little-endian float32.
const fs = require('fs');
const ort = require('onnxruntime-node');

function read(file) {
  const bytes = fs.readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

async function main() {
  for (const one of JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))) {
    const session = await ort.InferenceSession.create(one.model, {intraOpNumThreads: 1});
    const feeds = {};
    for (const [name, input] of Object.entries(one.inputs))
      feeds[name] = new ort.Tensor('float32', read(input.file), input.dims);
    const result = (await session.run(feeds))[one.output];
    fs.writeFileSync(one.result, Buffer.from(result.data.buffer, result.data.byteOffset, result.data.byteLength));
    fs.writeFileSync(one.result + '.dims', result.dims.join(' '));
  }
}

main().catch(error => {
  console.error(String(error));
  process.exit(1);
});
