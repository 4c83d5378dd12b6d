#include "training/style_training.h"

#include <torch/torch.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/json_text.h"
#include "core/random.h"
#include "media/codecs.h"
#include "media/encode_image.h"
#include "networks/kept_grams.h"
#include "networks/noise_input.h"
#include "networks/style_model.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "tensor/weight_tensor.h"
#include "training/faint_noise.h"
#include "training/style_gram.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

constexpr double kBalanceRate = 0.03;                   // how fast a content weight follows, per picture of its style
constexpr double kWeightLow = 0.01, kWeightHigh = 100;  // where it stops
constexpr double kDistanceRate = 0.03;                  // how fast a style's mean distance follows, per picture
constexpr double kRareStylesRate = 6;
constexpr std::int64_t kSamplePhotos = 16;  // for the units of the style distances
constexpr int kLongestPhotoSide = 512;
constexpr std::int64_t kThumbnailSide = 128;
constexpr std::int64_t kPreviewSide = 192, kPreviewStyles = 24, kPreviewPhotos = 2;

/// Photos as they will be given: whole scenes and details, some darker or brighter.
Augmentation photo_variety(const StyleTrainingOptions& options) {
  return {.smallest_scale = options.smallest_scale,
          .largest_scale = options.largest_scale,
          .colour = 0.2,
          .grey = 0.02,
          .noise = 0.05,
          .blend = 0};
}

/// `count` places of `shares`, each as likely as its share.
std::vector<std::int64_t> random_places(std::uint64_t seed, std::int64_t count, const Tensor& shares) {
  Random random(seed ^ 0x9e3779b97f4a7c15ULL);
  const auto steps = shares.to(torch::kCPU, torch::kDouble).cumsum(0).contiguous();
  const auto *first = steps.data_ptr<double>(), *last = first + steps.numel() - 1;
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < count; ++i)
    chosen.push_back(std::upper_bound(first, last, uniform(random) * *last) - first);
  return chosen;
}

bool has_model(const std::string& name) {
  const auto models = list_models();
  return std::any_of(models.begin(), models.end(), [&](const auto& model) { return model.name == name; });
}

bool is_conditional(const Network& network) {
  const auto inputs = network.graph.inputs();
  return std::find(inputs.begin(), inputs.end(), "shares") != inputs.end();
}

/// Whether "x.weight" or "x.bias" belongs to a conditional norm.
bool of_conditional_norm(const Graph& graph, const std::string& parameter) {
  return graph.node(parameter.substr(0, parameter.rfind('.'))).op == Op::kConditionalNorm;
}

/// Before any photo is read.
const StyleTrainingOptions& checked(const StyleTrainingOptions& options) {
  require(options.batch > 0 && options.crop >= 64 && options.crop % 16 == 0,
          "the batch must be positive and the crop a multiple of 16 from 64 on");
  require(!options.pooled_grams || options.batch > 1,
          "one photo a step has no other's Gram matrices to be pooled with; give a larger --batch");
  require(options.smallest_scale > 0 && options.smallest_scale <= options.largest_scale,
          "the smallest scale of photos must be positive and not above the largest");
  return options;
}

}  // namespace

std::shared_ptr<const Encoder> loss_encoder(const std::string& name, bool bf16, torch::Device device) {
  return open_encoder(name, {.precision = bf16 ? Precision::kBFloat16 : Precision::kFloat32, .device = device});
}

StyleTraining::StyleTraining(Network network, std::vector<StyleToLearn> styles, const StyleTrainingOptions& options)
    : StyleTraining(std::move(network), std::move(styles), options,
                    ImagePool(checked(options).photos, kLongestPhotoSide)) {}

StyleTraining::StyleTraining(Network network, std::vector<StyleToLearn> styles, const StyleTrainingOptions& options,
                             ImagePool photos)
    : network_(std::move(network)),
      styles_(std::move(styles)),
      options_(checked(options)),
      loss_(loss_encoder(options.encoder, options.bf16, options.device),
            {.tv_weight = options.tv_weight,
             .grid_weight = options.grid_weight,
             .smoothness_weight = options.smoothness_weight,
             .flat_tv_weight = options.flat_tv_weight,
             .pooled_grams = options.pooled_grams}),
      photos_(std::move(photos)),
      outputs_(options.outputs),
      conditional_(is_conditional(network_)),
      by_gram_(takes_gram(network_)) {
  require(!styles_.empty(), "there is no style to learn; add --style PAINTING");
  require(conditional_ || by_gram_ || styles_.size() == 1, "this network holds one style; give one --style");
  if (outputs_.empty()) outputs_ = {{.node = network_.graph.nodes.back().name}};
  for (const auto& output : outputs_) largest_ = std::max(largest_, output.scale);
  const auto sample = draw_crops({&photos_}, std::max<std::int64_t>(kSamplePhotos / largest_, 1),
                                 options.crop * largest_, photo_variety(options), options.seed);
  for (const auto& output : outputs_)
    for (const auto& style : styles_)
      targets_.push_back(loss_.targets(at_scale(style.picture, output.scale), at_scale(sample, output.scale)));
  content_weights_ = torch::full({static_cast<std::int64_t>(targets_.size())}, options.content_weight);
  distances_ = torch::ones({static_cast<std::int64_t>(styles_.size())});
  for (auto& [name, tensor] : network_.parameters) {
    const bool fixed = is_statistic(name) || std::count(options_.fixed.begin(), options_.fixed.end(), name) > 0;
    tensor = tensor.detach().clone().to(options.device).requires_grad_(!fixed);
  }
}

TrainingTask::NamedTensors StyleTraining::parameters() const {
  NamedTensors learnt;
  for (const auto& [name, tensor] : network_.parameters)
    if (tensor.requires_grad()) learnt.emplace_back(name, tensor);
  return learnt;
}

double StyleTraining::rate_factor(const std::string& parameter) const {
  return styles_.size() > 1 && of_conditional_norm(network_.graph, parameter) ? kRareStylesRate : 1;
}

Tensor StyleTraining::crops(std::uint64_t seed) {
  const auto draw = [this](std::uint64_t of) {
    return draw_crops({&photos_}, options_.batch, options_.crop * largest_, photo_variety(options_), of);
  };
  const bool ready = drawn_.valid() && drawn_seed_ == seed;
  const auto photos = ready ? drawn_.get() : draw(seed);
  // Among several processes each draws every so many-th batch.
  const auto stride = seed > last_seed_ && last_seed_ > 0 ? seed - last_seed_ : 1;
  last_seed_ = seed;
  drawn_seed_ = seed + stride;
  drawn_ = std::async(std::launch::async, draw, drawn_seed_);
  return photos;
}

Tensor StyleTraining::shares_of(const std::vector<std::int64_t>& styles) const {
  return torch::one_hot(torch::tensor(styles), static_cast<std::int64_t>(styles_.size())).to(torch::kFloat);
}

TrainingTask::NamedTensors StyleTraining::state() const {
  NamedTensors kept{{"content_weights", content_weights_}, {"style_distances", distances_}};
  for (const auto& [name, tensor] : network_.parameters)
    if (is_statistic(name)) kept.emplace_back(name, tensor);
  return kept;
}

std::vector<std::int64_t> StyleTraining::styles_of(std::uint64_t seed) const {
  auto styles = random_places(seed, options_.batch, distances_.clamp_min(1e-3).pow(options_.focus));
  if (by_gram_ || options_.pooled_grams) std::fill(styles.begin(), styles.end(), styles.front());
  return styles;
}

std::map<std::string, Tensor> StyleTraining::inputs_of(const Network& network, const Tensor& pictures,
                                                       const std::vector<std::int64_t>& styles,
                                                       std::uint64_t seed) const {
  std::map<std::string, Tensor> inputs{{"picture", pictures}};
  if (conditional_) inputs["shares"] = shares_of(styles);
  if (by_gram_)
    inputs["gram"] = style_gram(network, styles_[static_cast<std::size_t>(styles.front())].picture, compute());
  if (const auto noise = noise_input(network, pictures, seed); noise.defined()) inputs["noise"] = noise;
  return inputs;
}

Tensor StyleTraining::at_scale(const Tensor& picture, std::int64_t scale) const {
  if (scale == largest_) return picture;
  return resize_picture(picture, picture.size(2) * scale / largest_, picture.size(3) * scale / largest_);
}

torch::ScalarType StyleTraining::compute() const { return options_.bf16 ? torch::kBFloat16 : torch::kFloat; }

std::vector<Tensor> StyleTraining::paint(const Tensor& photos, const std::vector<std::int64_t>& styles,
                                         std::uint64_t seed) const {
  std::vector<std::string> nodes;
  for (const auto& output : outputs_) nodes.push_back(output.node);
  const Learning learning{.seed = seed};
  return node_values(network_, inputs_of(network_, at_scale(photos, 1), styles, seed), nodes, compute(), &learning);
}

void StyleTraining::steady(const Tensor& photos, const std::vector<std::int64_t>& styles, std::uint64_t seed,
                           const std::vector<Tensor>& painted, std::vector<Tensor>& gradients, StepResult& told) const {
  const auto again = paint(with_faint_noise(photos, seed), styles, seed);
  std::vector<Tensor> pulls;
  for (std::size_t i = 0; i < painted.size(); ++i) {
    const auto change = (again[i] - painted[i]).detach();
    const double weight = options_.stability_weight * outputs_[i].weight;
    const double mean_square = change.square().mean().item<double>();
    told.loss += weight * mean_square;
    told.terms["change"] += std::sqrt(mean_square) / static_cast<double>(painted.size());
    pulls.push_back(change * (2 * weight / static_cast<double>(change.numel())));
    gradients[i] = gradients[i] - pulls[i];
  }
  torch::autograd::backward(again, pulls);
}

StepResult StyleTraining::step(std::uint64_t seed) {
  const auto photos = crops(seed);
  const auto styles = styles_of(seed);
  const auto painted = paint(photos, styles, seed);
  StepResult told;
  std::vector<Tensor> gradients;
  for (std::size_t i = 0; i < painted.size(); ++i) gradients.push_back(judge(i, painted[i], photos, styles, told));
  if (options_.stability_weight > 0) steady(photos, styles, seed, painted, gradients, told);
  torch::autograd::backward(painted, gradients);
  told.terms["content weight"] = content_weights_.log().mean().exp().item<double>();
  return told;
}

Tensor StyleTraining::judge(std::size_t output, const Tensor& painted, const Tensor& photos,
                            const std::vector<std::int64_t>& styles, StepResult& told) {
  const auto& how = outputs_[output];
  PerceptualLoss::Wanted wanted{at_scale(photos, how.scale).to(painted.device()), {}, {}};
  for (const auto style : styles) {
    wanted.styles.push_back(&targets_[output * styles_.size() + static_cast<std::size_t>(style)]);
    wanted.content_weights.push_back(content_weight(output, style).item<double>());
  }
  const auto result = loss_.evaluate(painted, wanted);
  if (options_.balance > 0) rebalance(output, styles, result);
  for (std::size_t i = 0; i < styles.size(); ++i)
    if (std::isfinite(result.style[i]))
      distances_[styles[i]].lerp_(torch::tensor(std::min(result.style[i], 1.0)), kDistanceRate);
  told.loss += how.weight * result.loss;
  const auto pictures = static_cast<double>(result.style.size() * outputs_.size());
  for (std::size_t i = 0; i < result.style.size(); ++i) {
    told.terms["content"] += result.content[i] / pictures;
    told.terms["style"] += result.style[i] / pictures;
  }
  return result.gradient * how.weight;
}

Tensor StyleTraining::content_weight(std::size_t output, std::int64_t style) const {
  return content_weights_[static_cast<std::int64_t>(output * styles_.size()) + style];
}

void StyleTraining::rebalance(std::size_t output, const std::vector<std::int64_t>& styles,
                              const PerceptualLoss::Result& result) {
  for (std::size_t i = 0; i < styles.size(); ++i) {
    const double ratio = result.content[i] / std::max(result.style[i], 1e-6);
    // A picture further from the style than the photo is says nothing of the balance: it is the random start.
    if (!std::isfinite(ratio) || ratio <= 0 || result.style[i] > 1) continue;
    content_weight(output, styles[i])
        .mul_(std::pow(ratio / options_.balance, kBalanceRate))
        .clamp_(kWeightLow, kWeightHigh);
  }
}

Network StyleTraining::averaged(const std::vector<Tensor>& averages) const {
  Network network{network_.graph, {}};
  std::size_t index = 0;
  for (const auto& [name, tensor] : network_.parameters)
    network.parameters[name] = tensor.requires_grad() ? averages[index++] : tensor;
  return network;
}

WeightSet StyleTraining::model(const std::vector<Tensor>& averages) const {
  const auto network = averaged(averages);
  auto weights = style_model(network, options_.method, true);
  nlohmann::json names = nlohmann::json::array(), cards = nlohmann::json::array();
  for (const auto& style : styles_) {
    names.push_back(style.name);
    if (!style.card.empty()) cards.push_back(nlohmann::json::parse(style.card));
  }
  weights.metadata["styles"] = json_text(names);
  if (!cards.empty()) add_cards(weights, json_text(cards));
  if (by_gram_)
    add_grams(weights, network);
  else
    keep_targets(weights);
  return weights;
}

void StyleTraining::keep_targets(WeightSet& weights) const {
  if (!has_model(options_.encoder)) return;  // a file, which is not kept beside the model
  const auto full_size = static_cast<std::size_t>(
      std::find_if(outputs_.begin(), outputs_.end(), [&](const auto& output) { return output.scale == largest_; }) -
      outputs_.begin());
  const auto& taps = loss_.taps();
  std::map<std::string, Tensor> grams;
  for (std::size_t tap = 0; tap + 1 < taps.size(); ++tap) {
    std::vector<Tensor> of_styles;
    for (std::size_t style = 0; style < styles_.size(); ++style)
      of_styles.push_back(targets_[full_size * styles_.size() + style].grams[tap]);
    grams[taps[tap]] = torch::cat(of_styles);
  }
  keep_grams(weights, {options_.encoder, content_sha256(open_model(options_.encoder))}, grams);
}

void StyleTraining::add_grams(WeightSet& weights, const Network& network) const {
  const torch::NoGradGuard no_grad;
  NamedTensors grams;
  for (const auto& style : styles_) grams.emplace_back("gram." + style.name, style_gram(network, style.picture));
  const auto kept = to_weight_set(grams);
  weights.tensors.insert(kept.tensors.begin(), kept.tensors.end());
  keep_alive(weights, kept.storage);
}

void StyleTraining::add_cards(WeightSet& weights, const std::string& cards) const {
  weights.metadata["cards"] = cards;
  const auto kept = std::make_shared<std::deque<std::string>>();
  for (const auto& style : styles_) {
    if (style.card.empty() || !has_codecs()) continue;
    const auto small = to_image(fit_longer_side(style.picture, kThumbnailSide));
    const auto& jpeg = kept->emplace_back(encode_image("thumbnail.jpg", small, {.quality = 80}));
    weights.tensors["thumbnail." + style.name] = {
        DType::kU8, {static_cast<std::int64_t>(jpeg.size())}, std::as_bytes(std::span(jpeg))};
  }
  keep_alive(weights, kept);
}

std::string StyleTraining::settings() const {
  nlohmann::json names = nlohmann::json::array();
  for (const auto& style : styles_) names.push_back(style.name);
  nlohmann::json settings{{"method", options_.method},
                          {"styles", names},
                          {"batch", options_.batch},
                          {"crop", options_.crop},
                          {"smallest_scale", options_.smallest_scale},
                          {"largest_scale", options_.largest_scale},
                          {"balance", options_.balance},
                          {"content_weight", options_.content_weight},
                          {"focus", options_.focus},
                          {"tv_weight", options_.tv_weight},
                          {"grid_weight", options_.grid_weight},
                          {"smoothness_weight", options_.smoothness_weight},
                          {"encoder", options_.encoder},
                          {"bf16", options_.bf16},
                          {"seed", options_.seed},
                          {"photos", photos_.size()}};
  // --resume compares with older checkpoints, which say nothing of these.
  if (options_.pooled_grams) settings["pooled_grams"] = true;
  if (options_.flat_tv_weight > 0) settings["flat_tv_weight"] = options_.flat_tv_weight;
  if (options_.stability_weight > 0) settings["stability_weight"] = options_.stability_weight;
  for (const auto& output : options_.outputs) settings["outputs"].push_back({output.node, output.scale, output.weight});
  return json_text(settings);
}

Tensor StyleTraining::preview(const std::vector<Tensor>& averages) const {
  const torch::NoGradGuard no_grad;
  const auto network = averaged(averages);
  const auto side = kPreviewSide / std::min<std::int64_t>(largest_, 2);
  std::vector<Tensor> columns;
  const auto shown = std::min<std::int64_t>(kPreviewStyles, static_cast<std::int64_t>(styles_.size()));
  const auto photos = std::min<std::int64_t>(kPreviewPhotos, static_cast<std::int64_t>(photos_.size()));
  for (std::int64_t style = 0; style < shown; ++style) {
    const auto& painting = styles_[static_cast<std::size_t>(style)].picture;
    std::vector<Tensor> column{resize_picture(painting, side * largest_, side * largest_)};
    for (std::int64_t i = 0; i < photos; ++i) {
      const auto photo = photos_.picture(static_cast<std::size_t>(i)).to(torch::kFloat).div(255).unsqueeze(0);
      const auto inputs = inputs_of(network, resize_picture(photo, side, side), {style}, 0);
      column.push_back(run_network(network, inputs).clamp(0, 1).to(torch::kCPU));
    }
    columns.push_back(torch::cat(column, 2));
  }
  return torch::cat(columns, 3);
}

std::string StyleTraining::note() const { return note_of(photos_.skipped()); }

}  // namespace atelier
