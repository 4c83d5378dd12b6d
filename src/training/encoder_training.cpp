#include "training/encoder_training.h"

#include <torch/torch.h>

#include <nlohmann/json.hpp>

#include "dataset/image_pool.h"
#include "encoders/conv_chain.h"
#include "encoders/random_chain.h"
#include "training/distillation_teacher.h"

namespace atelier {
namespace {

constexpr std::int64_t kStatisticBatches = 24;  // batches for the teachers' deviations
constexpr std::uint64_t kStatisticSeed = 0x5eed0000;

/// Feature vectors at a grid of at most 32 × 32 positions per picture, one per row: [P, C], float.
/// Shallow taps have far more positions than their few channels need.
Tensor sampled_rows(const Tensor& features, std::int64_t offset) {
  const auto every = std::max<std::int64_t>(1, features.size(2) / 32);
  const auto from = offset % every;
  const auto sparse = features.slice(2, from, features.size(2), every).slice(3, from, features.size(3), every);
  return sparse.permute({0, 2, 3, 1}).reshape({-1, features.size(1)}).to(torch::kFloat);
}

/// What is known of a tap's teacher channels, per group.
struct Standard {
  Tensor inverse_deviation;  ///< [C]; 0 for dead channels
  Tensor importance;         ///< [C], mean 1: weight in the loss; the square root of the deviation
  double gram_norm = 1;      ///< Frobenius norm of the mean product of the channels, each over √deviation
};
using Standards = std::vector<std::vector<Standard>>;

/// Large channels decide a Gram matrix, small ones the detail: the square root weighs between the two.
Standard standard_of(const Tensor& rows) {
  const auto deviation = rows.var(0, false).sqrt();
  const auto alive = deviation > 1e-3 * deviation.max();
  const auto dead = torch::zeros_like(deviation);
  const auto root = torch::where(alive, deviation.sqrt(), dead);
  const auto inverse = torch::where(alive, 1 / deviation, dead);
  const auto weighted = rows * inverse * root;
  const auto gram = weighted.t().matmul(weighted) / rows.size(0);
  return {inverse.to(torch::kFloat), (root / root.mean()).to(torch::kFloat),
          gram.norm().item<double>() / root.mean().square().item<double>()};
}

std::unique_ptr<ImagePool> stylised_pool(const EncoderTrainingOptions& options) {
  return options.stylised.empty() ? nullptr : std::make_unique<ImagePool>(options.stylised, 512);
}

class EncoderTraining final : public TrainingTask {
 public:
  EncoderTraining(const EncoderTrainingOptions& options, torch::Device device)
      : options_(options),
        device_(device),
        photos_(options.photos, 512),
        paintings_(options.paintings, 512),
        stylised_(stylised_pool(options)),
        teacher_(DistillationTeacher::read(options.teacher_front, options.teacher_deep)),
        student_(random_chain(options.shape.depths, options.shape.widths, options.seed, 0)) {
    compute_ = options.bf16 ? torch::kBFloat16 : torch::kFloat;
    move_chain(student_, device);
    teacher_.move(device);
    prepare();
    for (auto& [name, tensor] : parameters()) Tensor(tensor).requires_grad_(true);
  }

  NamedTensors parameters() const override {
    auto all = student_.parameters();
    for (std::size_t t = 0; t < maps_.size(); ++t)
      for (std::size_t g = 0; g < maps_[t].size(); ++g)
        all.emplace_back("map/" + compact_taps()[t] + "/" + std::to_string(g), maps_[t][g]);
    return all;
  }

  StepResult step(std::uint64_t seed) override {
    StepResult result;
    const auto offset = static_cast<std::int64_t>(seed % 32);
    const auto crops = draw(seed);
    const auto targets = target_rows(crops, offset);
    const auto features = feature_rows(crops, offset);
    Tensor loss = torch::zeros({});
    for (std::size_t t = 0; t < features.size(); ++t) loss = loss + tap_loss(t, features[t], targets[t], result);
    loss.backward();
    result.loss = loss.item<double>();
    return result;
  }

  WeightSet model(const std::vector<Tensor>& averages) const override {
    const torch::NoGradGuard no_grad;
    ConvChain averaged = student_;
    std::size_t index = 0;
    for (auto& layer : averaged.layers) {
      layer.weight = averages[index++];
      layer.bias = averages[index++];
    }
    const auto crops = draw(kStatisticSeed);
    const auto features = chain_features(averaged, crops, compact_taps());
    for (std::size_t t = 0; t < compact_taps().size(); ++t) {
      averaged.readouts[compact_taps()[t]] = readout(t, sampled_rows(features[t], 0), averages, index);
      index += standards_[t].size();
    }
    return write_chain(averaged, true);
  }

  /// The rate and the number of steps may change from one part of a run to the next.
  std::string settings() const override {
    return nlohmann::json{{"batch", options_.batch},
                          {"crop", options_.crop},
                          {"decorrelation", options_.decorrelation},
                          {"seed", options_.seed},
                          {"bf16", options_.bf16},
                          {"depths", options_.shape.depths},
                          {"widths", options_.shape.widths},
                          {"pictures", {photos_.size(), paintings_.size(), stylised_ ? stylised_->size() : 0}}}
        .dump();
  }

  std::string note() const override {
    return note_of(photos_.skipped() + paintings_.skipped() + (stylised_ ? stylised_->skipped() : SkippedFiles()));
  }

 private:
  Tensor draw(std::uint64_t seed) const {
    std::vector<const ImagePool*> pools{&photos_, &paintings_};
    if (stylised_) pools.push_back(stylised_.get());
    return draw_crops(pools, options_.batch, options_.crop, {}, seed).to(device_);
  }

  std::vector<std::vector<Tensor>> target_rows(const Tensor& crops, std::int64_t offset) const {
    torch::NoGradGuard no_grad;
    auto targets = teacher_.targets(crops, compact_taps(), compute_);
    for (auto& groups : targets)
      for (auto& group : groups) group = sampled_rows(group, offset);
    return targets;
  }

  std::vector<Tensor> feature_rows(const Tensor& crops, std::int64_t offset) const {
    auto features = chain_features(student_, crops, compact_taps(), Pooling::kMax, compute_);
    for (auto& feature : features) feature = sampled_rows(feature, offset);
    return features;
  }

  /// The teachers' deviations, and maps that start as the ridge regression from the random features.
  void prepare() {
    torch::NoGradGuard no_grad;
    std::vector<std::vector<Tensor>> features;
    std::vector<std::vector<std::vector<Tensor>>> targets;
    for (std::int64_t i = 0; i < kStatisticBatches; ++i) {
      const auto crops = draw(kStatisticSeed + static_cast<std::uint64_t>(i));
      features.push_back(feature_rows(crops, i));
      targets.push_back(target_rows(crops, i));
    }
    for (std::size_t t = 0; t < compact_taps().size(); ++t) {
      std::vector<Tensor> rows;
      for (const auto& batch : features) rows.push_back(batch[t]);
      const auto x = torch::cat(rows).to(torch::kDouble);
      auto normal = x.t().matmul(x);
      normal.diagonal().add_(1e-4 * normal.diagonal().mean());
      auto& standards = standards_.emplace_back();
      auto& maps = maps_.emplace_back();
      for (std::size_t g = 0; g < targets[0][t].size(); ++g) {
        std::vector<Tensor> wanted;
        for (const auto& batch : targets) wanted.push_back(batch[t][g]);
        const auto y = torch::cat(wanted).to(torch::kDouble);
        standards.push_back(standard_of(y));
        const auto scaled = y * standards.back().inverse_deviation.to(torch::kDouble);
        maps.push_back(torch::linalg_solve(normal, x.t().matmul(scaled), true).to(torch::kFloat).contiguous());
      }
    }
  }

  Tensor tap_loss(std::size_t t, const Tensor& features, const std::vector<Tensor>& targets, StepResult& result) const {
    Tensor total = torch::zeros({});
    double unexplained = 0;
    for (std::size_t g = 0; g < targets.size(); ++g) {
      const auto& standard = standards_[t][g];
      const auto error = (features.matmul(maps_[t][g]) - targets[g] * standard.inverse_deviation).square().mean(0);
      total = total + (error * standard.importance).mean() / static_cast<double>(targets.size());
      unexplained += error.mean().item<double>() / static_cast<double>(targets.size());
    }
    result.terms[compact_taps()[t]] = unexplained;
    return total + options_.decorrelation * correlation_penalty(features);
  }

  /// Mean squared correlation between different channels: keeps the spectrum of the features full.
  static Tensor correlation_penalty(const Tensor& rows) {
    const auto centred = rows - rows.mean(0, true);
    const auto unit = centred / (centred.square().sum(0, true) + 1e-6).sqrt();
    const auto correlation = unit.t().matmul(unit);
    const auto channels = correlation.size(0);
    return (correlation.square().sum() - correlation.diagonal().square().sum()) /
           static_cast<double>(channels * (channels - 1));
  }

  /// Rows f and maps P give predictions fP; their products are those of f(PPᵀ)^½. Channels count by the square root
  /// of their deviation and each teacher's Gram matrix counts alike; the result has a mean square of one.
  Tensor readout(std::size_t t, const Tensor& rows, const std::vector<Tensor>& averages, std::size_t first_map) const {
    Tensor metric;
    for (std::size_t g = 0; g < standards_[t].size(); ++g) {
      const auto map = (averages[first_map + g] * standards_[t][g].importance).to(torch::kDouble);
      const auto share = map.matmul(map.t()) / standards_[t][g].gram_norm;
      metric = metric.defined() ? metric + share : share;
    }
    const auto [values, vectors] = torch::linalg_eigh(metric, "L");
    const auto root = (vectors * values.clamp_min(0).sqrt()).matmul(vectors.t());
    const auto scale = rows.to(torch::kDouble).matmul(root).square().mean().sqrt();
    return (root / scale).to(torch::kFloat).reshape({root.size(0), root.size(1), 1, 1});
  }

  EncoderTrainingOptions options_;
  torch::Device device_;
  ImagePool photos_, paintings_;
  std::unique_ptr<ImagePool> stylised_;
  DistillationTeacher teacher_;
  ConvChain student_;
  torch::ScalarType compute_ = torch::kFloat;
  Standards standards_;
  std::vector<std::vector<Tensor>> maps_;
};

}  // namespace

const std::vector<std::string>& compact_taps() {
  static const std::vector<std::string> taps = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1"};
  return taps;
}

std::unique_ptr<TrainingTask> encoder_training(const EncoderTrainingOptions& options, torch::Device device) {
  return std::make_unique<EncoderTraining>(options, device);
}

}  // namespace atelier
