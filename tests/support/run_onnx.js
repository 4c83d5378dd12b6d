// Runs models by ONNX Runtime, for the tests of the export: node run_onnx.js CASES.json
// CASES.json: [{model, inputs: {name: {dims, file}}, result}]; files hold little-endian float32. For each case it writes
// RESULT.json: [{name, dims, file}], one for each output.
const fs = require('fs');
const ort = require('onnxruntime-node');

function read(file) {
  const bytes = fs.readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function write(outputs, result) {
  const list = Object.entries(outputs).map(([name, {dims, data}], index) => {
    const file = `${result}_${index}`;
    fs.writeFileSync(file, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    return {name, dims, file};
  });
  fs.writeFileSync(result + '.json', JSON.stringify(list));
}

async function main() {
  const sessions = {};
  for (const {model, inputs, result} of JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))) {
    sessions[model] ??= await ort.InferenceSession.create(model, {intraOpNumThreads: 1});
    const feeds = {};
    for (const [name, input] of Object.entries(inputs))
      feeds[name] = new ort.Tensor('float32', read(input.file), input.dims);
    write(await sessions[model].run(feeds), result);
  }
}

main().catch(error => {
  console.error(String(error));
  process.exit(1);
});
