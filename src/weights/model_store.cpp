#include "weights/model_store.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "weights/data_folder.h"
#include "weights/embedded.h"
#include "weights/fetch.h"
#include "weights/model_file.h"
#include "weights/name_map.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestField = 1000;

std::string field(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string field(const WeightSet& weights, const char* key) {
  const auto found = weights.metadata.find(key);
  return found == weights.metadata.end() ? "" : one_line(found->second, kLongestField);
}

/// The fields that the manifest and a file's metadata have in common.
template <typename Source>
ModelInfo describe(const Source& source) {
  ModelInfo info;
  info.kind = field(source, "kind");
  info.architecture = field(source, "architecture");
  info.licence = field(source, "licence");
  info.training_data = field(source, "training_data");
  info.command = field(source, "command");
  info.figures = field(source, "figures");
  info.source = field(source, "source");
  info.source_sha256 = field(source, "source_sha256");
  return info;
}

struct EmbeddedModel {
  ModelInfo info;
  std::string file;  ///< as embedded_file() knows it
};

std::vector<EmbeddedModel> embedded_models() {
  const auto text = embedded_file("manifest.json");
  const auto* start = reinterpret_cast<const char*>(text.data());
  const auto manifest = nlohmann::json::parse(start, start + text.size());
  std::vector<EmbeddedModel> models;
  for (const auto& row : manifest.at("models")) {
    EmbeddedModel model{describe(row), field(row, "file")};
    model.info.name = field(row, "name");
    model.info.sha256 = field(row, "sha256");
    model.info.bytes = embedded_file(model.file).size();
    models.push_back(std::move(model));
  }
  return models;
}

WeightSet open_embedded(const EmbeddedModel& model) {
  const auto bytes = embedded_file(model.file);
  if (sha256_hex(bytes) != model.info.sha256)
    throw Error("the embedded model \"" + model.info.name + "\" is damaged; install the program again",
                ErrorKind::kFailure);
  return parse_safetensors(bytes, "embedded " + model.file);
}

/// Hashing once is enough: the bytes are part of the program.
WeightSet open_embedded_once(const EmbeddedModel& model) {
  static std::mutex mutex;
  static std::set<std::string> checked;
  const std::lock_guard lock(mutex);
  if (checked.contains(model.file)) return parse_safetensors(embedded_file(model.file), "embedded " + model.file);
  WeightSet weights = open_embedded(model);
  checked.insert(model.file);
  return weights;
}

ModelInfo describe_file(const fs::path& file) {
  ModelInfo info;
  try {
    const WeightSet weights = read_safetensors(file);
    info = describe(weights);
    info.sha256 = field(weights, "content_sha256");
    if (info.kind.empty()) info.kind = "weights";
  } catch (const Error&) {
    info.kind = ModelInfo::kDamaged;
  }
  info.name = file.stem().string();
  info.file = file;
  std::error_code unknown;
  const auto bytes = fs::file_size(file, unknown);
  info.bytes = unknown ? 0 : bytes;
  return info;
}

/// Opens and checks one model in full. @throws Error for the first fault.
WeightSet open_checked(const ModelInfo& info) {
  if (info.embedded()) {
    const auto models = embedded_models();
    const auto found =
        std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.info.name == info.name; });
    WeightSet weights = open_embedded(*found);
    check_finite(weights, "embedded " + found->file);
    return weights;
  }
  WeightSet weights = read_safetensors(info.file);
  require(info.sha256.empty() || content_sha256(weights) == info.sha256,
          info.file.string() + ": its content does not match its sha256; the file is damaged, import it again");
  check_finite(weights, info.file.string());
  return weights;
}

/// What cannot be looked at, such as a link that leads to itself, is not there.
bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
}

/// Refuses a public model that is not here, with the way to get it.
void check_not_public(const std::string& name) {
  for (const auto& model : public_models())
    require(model.name != name, "the model \"" + name + "\" is not here yet; `atelier models fetch " + name +
                                    "` downloads it: " + model.note);
}

}  // namespace

fs::path model_folder() { return data_folder() / "models"; }

std::vector<ModelInfo> list_models() {
  std::vector<ModelInfo> models;
  for (auto& model : embedded_models()) models.push_back(std::move(model.info));
  for (const auto& file : own_files("models")) models.push_back(describe_file(file));
  return models;
}

ModelInfo find_model(const std::string& name) {
  std::vector<std::string> names;
  for (auto& model : list_models()) {
    if (model.name == name) return model;
    names.push_back(model.name);
  }
  throw Error("there is no model " + printable(name) + "; " + did_you_mean(name, names, "atelier models list"));
}

WeightSet open_model(const std::string& name_or_path) {
  for (const auto& model : embedded_models())
    if (model.info.name == name_or_path) return open_embedded_once(model);
  if (is_valid_name(name_or_path))
    for (const auto& file : own_files("models"))
      if (file.stem() == name_or_path) return read_safetensors(file);
  if (!is_there(name_or_path)) {
    check_not_public(name_or_path);
    find_model(name_or_path);
  }
  WeightSet weights = read_weights(name_or_path);
  auto vgg = find_vgg(weights);
  return vgg ? std::move(vgg->weights) : weights;
}

void remove_model(const std::string& name) {
  const auto model = find_model(name);
  require(!model.embedded(), "the model \"" + name + "\" is part of the program and stays; remove only your own");
  remove_file(model.file);
}

std::vector<ModelCheck> verify_models() {
  std::vector<ModelCheck> checks;
  for (auto& model : list_models()) {
    ModelCheck check{std::move(model), 0, 0, ""};
    try {
      const WeightSet weights = open_checked(check.model);
      check.tensors = weights.tensors.size();
      for (const auto& [name, tensor] : weights.tensors) check.values += tensor.bytes.size() / size_of(tensor.dtype);
    } catch (const Error& error) {
      check.fault = error.what();
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace atelier
