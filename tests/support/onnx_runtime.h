#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace atelier {

/// An exported model and what to feed it.
struct OnnxCase {
  std::filesystem::path model;
  std::map<std::string, Tensor> inputs;
};

/// The folder node_modules with ONNX Runtime in it: $ATELIER_NODE_MODULES, or ATELIER_TOOLS/node_modules, where npm
/// installs it when it is missing. Empty when there is neither node nor a way to install it.
inline std::string find_onnx_runtime() {
  namespace fs = std::filesystem;
  const auto holds_it = [](const fs::path& modules) { return fs::exists(modules / "onnxruntime-node/package.json"); };
  const char* given = std::getenv("ATELIER_NODE_MODULES");
  if (given != nullptr && holds_it(given)) return given;
  const fs::path tools = ATELIER_TOOLS;
  if (holds_it(tools / "node_modules")) return tools / "node_modules";
  fs::create_directories(tools);
  const std::string install =
      "timeout 240 npm install onnxruntime-node@1.30.0 --ignore-scripts --no-audit --no-fund "
      "--fetch-retries=1 --prefix '" +
      tools.string() + "' > '" + tools.string() + "/npm.log' 2>&1";
  const bool installed = std::system("node --version > /dev/null 2>&1") == 0 && std::system(install.c_str()) == 0;
  return installed && holds_it(tools / "node_modules") ? (tools / "node_modules").string() : "";
}

/// What run_onnx.js wrote.
inline std::map<std::string, Tensor> read_outputs(const std::string& result) {
  std::map<std::string, Tensor> outputs;
  std::ifstream description(result + ".json");
  for (const auto& one : nlohmann::json::parse(description)) {
    auto tensor = at::empty(one.at("dims").get<std::vector<std::int64_t>>());
    std::ifstream(one.at("file").get<std::string>(), std::ios::binary)
        .read(reinterpret_cast<char*>(tensor.data_ptr<float>()), static_cast<std::streamsize>(tensor.nbytes()));
    outputs[one.at("name")] = tensor;
  }
  return outputs;
}

/// ONNX Runtime's outputs of all `cases` by their names, in one process, with files in `folder`; nothing when it fails,
/// with its words in folder/log.
inline std::vector<std::map<std::string, Tensor>> run_onnx(const std::vector<OnnxCase>& cases,
                                                           const std::filesystem::path& folder,
                                                           const std::string& modules) {
  auto list = nlohmann::json::array();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    nlohmann::json inputs;
    for (const auto& [name, tensor] : cases[i].inputs) {
      const auto plain = tensor.to(at::kFloat).contiguous();
      const auto file = folder / (std::to_string(i) + "_" + name);
      std::ofstream(file, std::ios::binary)
          .write(reinterpret_cast<const char*>(plain.data_ptr<float>()), static_cast<std::streamsize>(plain.nbytes()));
      inputs[name] = {{"dims", plain.sizes().vec()}, {"file", file.string()}};
    }
    list.push_back({{"model", cases[i].model.string()},
                    {"inputs", inputs},
                    {"result", (folder / ("result" + std::to_string(i))).string()}});
  }
  std::ofstream(folder / "cases.json") << list;
  const std::string command = "NODE_PATH='" + modules + "' node '" + ATELIER_SOURCE "/tests/support/run_onnx.js' '" +
                              (folder / "cases.json").string() + "' > '" + (folder / "log").string() + "' 2>&1";
  std::vector<std::map<std::string, Tensor>> results;
  if (std::system(command.c_str()) != 0) return results;
  for (const auto& one : list) results.push_back(read_outputs(one["result"]));
  return results;
}

}  // namespace atelier
