#include "weights/import_model.h"

#include <algorithm>

#include "atelier/error.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "weights/data_folder.h"
#include "weights/model_file.h"
#include "weights/name_map.h"
#include "weights/safetensors.h"
#include "weights/style_store.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestField = 1000;

/// The last name of a path, that of a folder with or without its final slash.
fs::path last_name(const fs::path& path) {
  return path.has_filename() ? path.filename() : path.parent_path().filename();
}

/// "Mosaic Net (1).pth.tar" becomes "mosaic-net-1".
std::string name_from(const fs::path& file) {
  fs::path stem = last_name(file);
  for (const auto extension : {".partial", ".tar", ".pth", ".pt", ".t7", ".json", ".safetensors"})
    if (stem.extension() == extension) stem = stem.stem();
  std::string name;
  for (const char c : stem.string()) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (is_valid_name(std::string("a") + lower) && lower != '-')
      name += lower;
    else if (!name.empty() && !name.ends_with('-'))
      name += '-';
  }
  name.resize(std::min<std::size_t>(name.size(), 64));
  while (name.ends_with('-')) name.pop_back();
  return name;
}

std::string shown(const fs::path& file) { return one_line_utf8(file.string(), kLongestField); }

/// What the file holds, as a model of ours; and its name when none is chosen.
struct Recognised {
  WeightSet weights;
  std::string name;
};

Recognised recognise(const fs::path& file, const RecogniseWeights& recognise_others) {
  WeightSet weights = read_weights(file);
  if (auto vgg = find_vgg(weights)) {
    vgg->weights.metadata["kind"] = "encoder";
    vgg->weights.metadata["architecture"] = vgg->architecture;
    return {std::move(vgg->weights), vgg->complete ? vgg->architecture : name_from(file)};
  }
  if (auto known = recognise_others ? recognise_others(weights) : std::nullopt)
    return {*std::move(known), name_from(file)};
  return {std::move(weights), name_from(file)};
}

void check_not_embedded(const std::string& name) {
  for (const auto& model : list_models())
    require(!model.embedded() || model.name != name,
            "the name \"" + name + "\" belongs to an embedded model; choose another with --name");
}

/// A sound model is not lost to another that happens to have its name.
void check_replaces_nothing(const std::string& name, const std::string& content) {
  for (const auto& earlier : list_models())
    require(earlier.name != name || earlier.damaged() || earlier.sha256 == content,
            "you have another model called \"" + name + "\"; choose a name with --name, or add --force to replace it");
}

}  // namespace

ModelInfo import_model(const fs::path& file, const ModelImport& wanted) {
  auto [weights, own_name] = recognise(file, wanted.recognise);
  require(!weights.tensors.empty(), shown(file) + " holds no tensors; give a file with a model's weights");
  check_finite(weights, shown(file));
  const std::string name = wanted.name.empty() ? own_name : wanted.name;
  check_valid_name("a model", name);
  check_not_embedded(name);
  const auto kept = model_folder() / (name + ".safetensors");
  if (weights.metadata["kind"] == "style") check_style_name_is_free(name, kept);
  weights.metadata["source"] =
      one_line(wanted.source.empty() ? last_name(file).string() : wanted.source, kLongestField);
  if (!fs::is_directory(file)) weights.metadata["source_sha256"] = sha256_file(file);
  weights.metadata["content_sha256"] = content_sha256(weights);
  if (!wanted.replace) check_replaces_nothing(name, weights.metadata["content_sha256"]);
  make_folder(model_folder());
  write_safetensors(kept, weights);
  return find_model(name);
}

}  // namespace atelier
