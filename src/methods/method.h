#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/progress.h"
#include "methods/options.h"
#include "tensor/tensor.h"
#include "weights/weight_set.h"

namespace atelier {

class TrainingTask;
struct TrainingInputs;

/// A style: a picture, or one that a model has learnt; its share, and where it applies.
struct Style {
  Tensor picture;          ///< [1, 3, h, w]; undefined when a model holds the style
  double weight = 1;       ///< relative to the other styles of the same region, > 0
  Tensor mask;             ///< [1, 1, H, W] in [0, 1] at the content's size; undefined: everywhere
  std::string model = {};  ///< model that has learnt it, as open_model() takes it; empty for a picture
  std::string entry = {};  ///< which of the model's styles; empty when it holds one only
};

/// What every method receives. Reading, resizing, colour profiles and colour control that
/// acts on the style happened before.
struct Inputs {
  Tensor content;             ///< [1, 3, H, W]
  std::vector<Style> styles;  ///< at least one
  double strength = 50;       ///< 0 (the photo) … 100 (all style); 50 is the method's default
  std::uint64_t seed = 0;
  std::string encoder = "compact";   ///< "compact", "vgg16", "vgg19" or a model file
  std::string precision = "auto";    ///< "auto", "fp32", "bf16"
  std::filesystem::path checkpoint;  ///< where to keep and find an unfinished run; empty: nowhere
  bool keep_best_on_stop = false;    ///< when asked to stop: return the best so far, do not throw
};

/// A style-transfer method: tensors in, one tensor out, same size as the content, in [0, 1].
/// No file but the checkpoint, no printing. When `on_progress` returns false it ends within a
/// step: with the picture so far if keep_best_on_stop, else by Error (kStopped).
class Method {
 public:
  virtual ~Method() = default;
  virtual Tensor run(const Inputs& inputs, const OnProgress& on_progress) = 0;
  /// Peak bytes that run() will need beside the inputs; 0 when it needs little.
  virtual std::size_t memory_forecast(const Inputs&) const { return 0; }
  /// About how many seconds run() will take on this machine, by a short trial if need be; 0 when it takes few or
  /// cannot tell. Changes nothing that run() gives.
  virtual double seconds_forecast(const Inputs&) const { return 0; }
};

/// A painting that shall become a style of a method's own (MethodInfo::fit_style).
struct FitRequest {
  Tensor painting;                            ///< [1, 3, h, w] in [0, 1], at the size that its strokes shall have
  std::vector<std::filesystem::path> photos;  ///< folders or packs to practise on; empty: what the method brings along
  bool thorough = false;                      ///< take longer for a better style
  double time_budget = 0;                     ///< seconds after which it ends with what it has learnt; 0: no limit
  std::uint64_t seed = 0;
  std::string precision = "auto";  ///< "auto", "fp32", "bf16"
};

/// What a method accepts as a style.
enum class Takes { kPictures, kModels, kBoth };

/// A method's row in the catalogue, read by the command line (help), the server (JSON) and
/// the studio (form): a method is described exactly once.
struct MethodInfo {
  std::string_view name;      ///< "gatys", as typed
  std::string_view family;    ///< folder below src/methods
  std::string_view citation;  ///< paper
  std::string_view summary;   ///< one line of help
  std::vector<Option> options;
  std::unique_ptr<Method> (*make)(const Values&);
  bool uses_encoder = true;  ///< whether Inputs::encoder means anything to it
  Takes takes = Takes::kPictures;
  /// A tiny model with random weights, complete with metadata, as the method reads it: what every method promises
  /// is tested on it, without trained weights. Null for a method without models.
  WeightSet (*tiny_model)() = nullptr;
  std::string_view model_option = {};  ///< option that names the model; empty when it is given as Style::model
  /// What `atelier train METHOD` runs (src/training/trainer.h), and its options. Null for a method without training.
  std::unique_ptr<TrainingTask> (*make_training)(const Values&, const TrainingInputs&) = nullptr;
  std::vector<Option> training_options = {};
  /// What `atelier styles add` runs: learns one painting and gives a model of one style, which the method then paints
  /// with. When asked to stop it throws an Error (kStopped). Null for a method that cannot.
  WeightSet (*fit_style)(const FitRequest&, const OnProgress&) = nullptr;
  /// Turns a trained network of another project into a complete model of the method's; nothing when it does not know
  /// these weights. @throws Error when it knows them and they are damaged. Null for a method that imports nothing.
  std::optional<WeightSet> (*import_model)(const WeightSet&) = nullptr;
  bool keeps_checkpoint = false;  ///< whether Inputs::checkpoint means anything to it
};

/// All methods, in the order of methods.def.
const std::vector<MethodInfo>& all_methods();

/// @throws Error naming the nearest method when `name` is unknown.
const MethodInfo& find_method(std::string_view name);

}  // namespace atelier
