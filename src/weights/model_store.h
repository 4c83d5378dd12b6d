#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "weights/weight_set.h"

namespace atelier {

/// A model that can be opened by name. Embedded ones are described by models/manifest.json,
/// the user's own by the metadata inside their file; fields that are not known are empty.
struct ModelInfo {
  std::string name;          ///< as typed on the command line, for instance "compact"
  std::string kind;          ///< "encoder", "style", ...; "weights" when not recognised
  std::string architecture;  ///< for instance "vgg19"
  std::string sha256;        ///< embedded: of the file; the user's own: content_sha256() of the tensors
  std::string licence;
  std::string training_data;
  std::string command;         ///< how it was trained
  std::string figures;         ///< measured quality, one line
  std::string source;          ///< file or address that it was imported from
  std::string source_sha256;   ///< of that file
  std::filesystem::path file;  ///< empty for an embedded model
  std::size_t bytes = 0;       ///< size of the file

  static constexpr const char* kDamaged = "damaged";

  bool embedded() const { return file.empty(); }
  bool damaged() const { return kind == kDamaged; }
};

/// What verify_models() found out about one model.
struct ModelCheck {
  ModelInfo model;
  std::size_t tensors = 0;
  std::size_t values = 0;
  std::string fault;  ///< empty when the model is sound

  bool sound() const { return fault.empty(); }
};

/// The user's folder of models: $XDG_DATA_HOME/atelier/models, or ~/.local/share/atelier/models.
/// It need not exist. @throws Error (kFailure) when neither XDG_DATA_HOME nor HOME is set.
std::filesystem::path model_folder();

/// Every model: the embedded ones in the manifest's order, then the user's own by name. A damaged file
/// in the user's folder is listed with kind "damaged", so that one bad file hides no good one.
std::vector<ModelInfo> list_models();

/// @throws Error with the nearest name when there is no such model.
ModelInfo find_model(const std::string& name);

/// Opens a model by its name or, when it names a file, a file of any format read_weights() knows
/// (VGG files are renamed to conv1_1...). Embedded files are checked against the manifest's
/// sha256 the first time that each is opened.
/// @throws Error when nothing of that name exists or it is damaged.
WeightSet open_model(const std::string& name_or_path);

/// Deletes a model of the user's own, with the styles that it holds.
/// @throws Error  when there is none, or it is embedded.
void remove_model(const std::string& name);

/// Reads every model in full: sha256, structure, finite values. Faults are reported, not thrown.
std::vector<ModelCheck> verify_models();

}  // namespace atelier
