#pragma once
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "dataset/image_pool.h"
#include "networks/network.h"
#include "tensor/onednn.h"
#include "training/perceptual_loss.h"
#include "training/trainer.h"

namespace atelier {

/// A style to be learnt.
struct StyleToLearn {
  std::string name;
  Tensor picture;         ///< [1, 3, h, w] at the size that its strokes shall have
  std::string card = {};  ///< JSON object for the gallery: title, artist, year, ...; empty for none
};

/// What every training gets, whatever it learns.
struct TrainingInputs {
  std::vector<std::filesystem::path> photos;  ///< folders
  std::vector<StyleToLearn> styles;
  std::string encoder = "compact";  ///< the loss network
  bool bf16 = onednn_has_fast_bf16();
  std::uint64_t seed = 1;
  torch::Device device = torch::kCPU;  ///< where the networks compute (tensor/device.h)
};

/// The network whose features a training compares, frozen.
std::shared_ptr<const Encoder> loss_encoder(const std::string& name, bool bf16, torch::Device device);

/// A picture that a network makes, judged by a loss of its own.
struct JudgedOutput {
  std::string node;        ///< whose value it is
  std::int64_t scale = 1;  ///< its size relative to the network's input
  double weight = 1;       ///< of its loss
};

/// Everything that decides how a style network is trained, beside the network and the trainer's options.
struct StyleTrainingOptions {
  std::vector<std::filesystem::path> photos;  ///< folders or packs
  std::string method;                         ///< that applies the model: its name goes into the file
  std::int64_t batch = 4;
  std::int64_t crop = 256;  ///< side of the network's input
  /// Sides of the parts of photos that are shown, relative to the crop. Parts below 1 are enlarged: flat and soft, as
  /// pictures of many pixels are.
  double smallest_scale = 0.9, largest_scale = 2.0;
  /// The ratio of content lost to style distance left (as the yardstick has them) that every style shall reach; each
  /// style's content weight is moved towards it while training. 0: the content weight stays.
  double balance = 2.3;
  double content_weight = 0.3;  ///< at the start
  /// How much more often a style is drawn that is still far from its painting: in proportion to this power of its mean
  /// distance. 0: all equally often.
  double focus = 0;
  double tv_weight = 0.02;
  double grid_weight = 0;        ///< of the pattern that upsampling leaves
  double smoothness_weight = 0;  ///< of colours that drift where the photo is flat
  double flat_tv_weight = 0;     ///< of strokes and texture where the photo is flat (losses/flatness.h)
  /// Of how much the picture changes when with_faint_noise() changes the photo (training/faint_noise.h), as a mean
  /// square. Networks that normalise otherwise paint the marks of a codec into clear skies. Paper: stability training,
  /// Zheng, Song, Leung, Goodfellow, CVPR 2016.
  double stability_weight = 0;
  /// All pictures of a batch get one style, and the mean of their Gram matrices is compared with the painting's: flat
  /// photos, like the skies of large ones, then need no strokes.
  bool pooled_grams = false;
  std::string encoder = "compact";
  bool bf16 = onednn_has_fast_bf16();  ///< arithmetic of the networks; weights and losses stay float32
  /// What is judged; empty: the last node at scale 1. Styles have their full size at the largest scale, and photos are
  /// drawn at its size; both are made smaller for the other scales and for the network's input.
  std::vector<JudgedOutput> outputs = {};
  std::vector<std::string> fixed = {};  ///< parameters that are not learnt
  std::uint64_t seed = 1;
  torch::Device device = torch::kCPU;  ///< where the networks compute
};

/// Trains a network that paints: input "picture", and "shares" [N, styles] when it holds several styles, of which
/// every picture of a batch then gets a random one; or "gram" (training/style_gram.h), one style a step, whose matrices
/// the model keeps as "gram.STYLE". Paper: Johnson et al., ECCV 2016 (one style); Dumoulin et al., ICLR 2017 (several);
/// Zhang & Dana 2017 (by matrices). Deviations: losses relative to their targets, content weights that balance
/// themselves per style and output.
class StyleTraining final : public TrainingTask {
 public:
  /// @throws Error when a folder holds no pictures, or styles and network do not fit.
  StyleTraining(Network network, std::vector<StyleToLearn> styles, const StyleTrainingOptions& options);
  /// The same with photos that were read already.
  StyleTraining(Network network, std::vector<StyleToLearn> styles, const StyleTrainingOptions& options,
                ImagePool photos);

  NamedTensors parameters() const override;
  /// The norms of many styles see each style rarely; they are learnt faster.
  double rate_factor(const std::string& parameter) const override;
  StepResult step(std::uint64_t seed) override;
  WeightSet model(const std::vector<Tensor>& averages) const override;
  /// The content weights, how far each style is, and the statistics of batch norms.
  NamedTensors state() const override;
  std::string settings() const override;
  Tensor preview(const std::vector<Tensor>& averages) const override;
  std::string note() const override;

 private:
  /// The photos of `seed`; those of the next step are drawn meanwhile.
  Tensor crops(std::uint64_t seed);
  /// Which style each picture of a step gets: random ones, by StyleTrainingOptions::focus.
  std::vector<std::int64_t> styles_of(std::uint64_t seed) const;
  Tensor shares_of(const std::vector<std::int64_t>& styles) const;
  /// Everything that `network` wants: the pictures, and what goes with them.
  std::map<std::string, Tensor> inputs_of(const Network& network, const Tensor& pictures,
                                          const std::vector<std::int64_t>& styles, std::uint64_t seed) const;
  /// A picture of the largest scale at another.
  Tensor at_scale(const Tensor& picture, std::int64_t scale) const;
  /// Judges one output; adds to what is told of the step and gives the gradient.
  Tensor judge(std::size_t output, const Tensor& painted, const Tensor& photos, const std::vector<std::int64_t>& styles,
               StepResult& told);
  /// The pictures that the network paints of photos of the largest scale, one per output.
  std::vector<Tensor> paint(const Tensor& photos, const std::vector<std::int64_t>& styles, std::uint64_t seed) const;
  /// Adds the pull of StyleTrainingOptions::stability_weight to the gradients of `painted`, and carries its other half
  /// back through the pictures of the noisy photos.
  void steady(const Tensor& photos, const std::vector<std::int64_t>& styles, std::uint64_t seed,
              const std::vector<Tensor>& painted, std::vector<Tensor>& gradients, StepResult& told) const;
  torch::ScalarType compute() const;
  Network averaged(const std::vector<Tensor>& averages) const;
  /// What the gallery shows of the styles that have a card: the cards, and "thumbnail.NAME" as JPEG.
  void add_cards(WeightSet& weights, const std::string& cards) const;
  void add_grams(WeightSet& weights, const Network& network) const;
  /// The Gram matrices that the pictures were compared with (networks/kept_grams.h), where the encoder has a name.
  void keep_targets(WeightSet& weights) const;
  /// The content weight of a style at an output, as a tensor of one value.
  Tensor content_weight(std::size_t output, std::int64_t style) const;
  void rebalance(std::size_t output, const std::vector<std::int64_t>& styles, const PerceptualLoss::Result& result);

  Network network_;
  std::vector<StyleToLearn> styles_;
  StyleTrainingOptions options_;
  PerceptualLoss loss_;
  ImagePool photos_;
  std::vector<JudgedOutput> outputs_;
  std::int64_t largest_ = 1;           ///< of the outputs' scales
  std::vector<StyleTargets> targets_;  ///< of all styles for the first output, then for the next
  Tensor content_weights_;             ///< in the same order
  Tensor distances_;                   ///< [styles], the photo's own being 1: running means
  bool conditional_ = false, by_gram_ = false;
  std::uint64_t last_seed_ = 0, drawn_seed_ = 0;
  std::future<Tensor> drawn_;  ///< of drawn_seed_; waits for its thread when destroyed, so it comes last
};

}  // namespace atelier
