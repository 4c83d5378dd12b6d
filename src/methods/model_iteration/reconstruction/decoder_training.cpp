#include "methods/model_iteration/reconstruction/decoder_training.h"

#include <torch/torch.h>

#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "losses/gram.h"
#include "losses/moments.h"
#include "tensor/resize.h"
#include "tensor/weight_tensor.h"

namespace atelier::reconstruction {
namespace {

constexpr std::int64_t kPreviewSide = 192, kPreviewPhotos = 5;

/// Photos as they will be given; paintings with strokes of various sizes.
const Augmentation kPhotos{
    .smallest_scale = 0.8, .largest_scale = 2.2, .colour = 0.3, .grey = 0.03, .noise = 0.05, .blend = 0};
const Augmentation kPaintings{
    .smallest_scale = 0.8, .largest_scale = 2.2, .colour = 0, .grey = 0, .noise = 0, .blend = 0};

/// relu1_1 … the tap.
std::vector<std::string> taps_up_to(const std::string& tap) {
  std::vector<std::string> taps;
  for (char level = '1'; level < tap.at(4); ++level) taps.push_back(std::string("relu") + level + "_1");
  taps.push_back(tap);
  return taps;
}

/// ‖a - b‖² / ‖b‖² of each sample, averaged.
Tensor relative_distance(const Tensor& a, const Tensor& b) {
  const auto distance = (a - b).flatten(1).square().sum(1);
  return (distance / b.flatten(1).square().sum(1).clamp_min(1e-12)).mean();
}

Tensor stacked_moments(const Tensor& features) {
  const auto found = losses::moments(features);
  return torch::cat({found.mean, found.deviation}, 1);
}

/// Takes over what fits of the decoder for the same tap, or of the deepest of the others.
void start_from(const Network& start, const std::string& tap, Network& network) {
  const auto taps = decoder_taps(start);
  const bool same = std::find(taps.begin(), taps.end(), tap) != taps.end();
  const auto given = decoder_of(start, same ? tap : taps.front());
  for (auto& [name, tensor] : network.parameters) {
    const auto found = given.parameters.find(name);
    if (found != given.parameters.end() && found->second.sizes() == tensor.sizes()) tensor = found->second;
  }
}

std::vector<Tensor> pictures_of(const std::vector<StyleToLearn>& styles) {
  std::vector<Tensor> pictures;
  for (const auto& style : styles) pictures.push_back(style.picture);
  return pictures;
}

}  // namespace

std::string DecoderTrainingSettings::text() const {
  return nlohmann::json{{"method", method},
                        {"tap", tap},
                        {"transform", static_cast<int>(transform)},
                        {"unpool", mirror.unpool},
                        {"width", mirror.width},
                        {"transferred", transferred},
                        {"pixel_weight", pixel_weight},
                        {"feature_weight", feature_weight},
                        {"style_weight", style_weight},
                        {"gram", gram},
                        {"batch", batch},
                        {"crop", crop}}
      .dump();
}

DecoderTraining::DecoderTraining(const DecoderTrainingSettings& settings, const TrainingInputs& inputs)
    : settings_(settings),
      encoder_name_(inputs.encoder),
      bf16_(inputs.bf16),
      encoder_(loss_encoder(inputs.encoder, inputs.bf16, inputs.device)),
      style_taps_(taps_up_to(settings.tap)),
      network_(mirror_decoder(encoder_->chain(), settings.tap, settings.mirror, inputs.seed)),
      photos_(inputs.photos, 512) {
  require(settings.batch > 0 && settings.crop >= 64 && settings.crop % 16 == 0,
          "the batch must be positive and the crop a multiple of 16 from 64 on");
  require(settings.transferred == 0 || !inputs.styles.empty(),
          "this training transfers the statistics of paintings; add --style FOLDER");
  if (!inputs.styles.empty()) paintings_ = std::make_unique<ImagePool>(pictures_of(inputs.styles));
  scale_to_data(network_, encode(draw_crops({&photos_}, 4, settings.crop, kPhotos, inputs.seed), {}));
  if (!settings.start.empty()) {
    const auto start = open_start(settings.start);
    start_from(start.joined, settings.tap, network_);
    if (start.method == settings.method)
      for (const auto& tap : decoder_taps(start.joined))
        if (tap != settings.tap) kept_.emplace_back(tap, decoder_of(start.joined, tap));
  }
  for (auto& [name, tensor] : network_.parameters)
    tensor = tensor.detach().clone().to(inputs.device).requires_grad_(true);
  identity_ = " " + inputs.encoder + " " + std::to_string(photos_.size()) + " " + std::to_string(inputs.styles.size()) +
              " " + std::to_string(inputs.seed) + (bf16_ ? " bf16" : " fp32");
}

TrainingTask::NamedTensors DecoderTraining::parameters() const {
  return {network_.parameters.begin(), network_.parameters.end()};
}

std::map<std::string, Tensor> DecoderTraining::encode(const Tensor& photos, const Tensor& paintings) const {
  const torch::NoGradGuard no_grad;
  auto taps = network_.graph.inputs();
  std::replace(taps.begin(), taps.end(), std::string("features"), settings_.tap);
  const auto features = encoder_->raw_features(photos, taps);
  std::map<std::string, Tensor> given;
  for (std::size_t i = 0; i < taps.size(); ++i) given[taps[i] == settings_.tap ? "features" : taps[i]] = features[i];
  if (!paintings.defined()) return given;
  auto samples = given["features"].split(1);
  const auto styles = encoder_->raw_features(paintings, {settings_.tap})[0].split(1);
  const auto first = samples.size() - styles.size();
  for (std::size_t i = 0; i < styles.size(); ++i)
    samples[first + i] =
        transfer_statistics(samples[first + i], {{feature_statistics(styles[i])}}, settings_.transform);
  given["features"] = torch::cat(samples);
  return given;
}

DecoderTraining::Batch DecoderTraining::draw(std::uint64_t seed) const {
  Batch batch;
  batch.photos = draw_crops({&photos_}, settings_.batch, settings_.crop, kPhotos, seed).to(encoder_->options().device);
  const auto count = std::llround(static_cast<double>(settings_.batch) * settings_.transferred);
  if (count > 0)
    batch.paintings = draw_crops({paintings_.get()}, count, settings_.crop, kPaintings, seed ^ 0x5851f42d4c957f2dULL);
  batch.given = encode(batch.photos, batch.paintings);
  return batch;
}

Tensor DecoderTraining::feature_loss(const Tensor& reached, const Tensor& wanted) const {
  return relative_distance(reached, read_out(encoder_->chain(), settings_.tap, wanted));
}

Tensor DecoderTraining::style_loss(const std::vector<Tensor>& reached, const Tensor& paintings) const {
  const auto wanted = [&] {
    const torch::NoGradGuard no_grad;
    return encoder_->features(paintings, style_taps_);
  }();
  auto sum = torch::zeros({});
  for (std::size_t t = 0; t < reached.size(); ++t) {
    const auto last = reached[t].narrow(0, reached[t].size(0) - paintings.size(0), paintings.size(0));
    sum = sum + (settings_.gram ? relative_distance(losses::gram(last), losses::gram(wanted[t]))
                                : relative_distance(stacked_moments(last), stacked_moments(wanted[t])));
  }
  return sum / static_cast<double>(reached.size());
}

StepResult DecoderTraining::step(std::uint64_t seed) {
  const auto batch = draw(seed);
  const auto painted = run_network(network_, batch.given, bf16_ ? torch::kBFloat16 : torch::kFloat);
  const bool with_style = batch.paintings.defined() && settings_.style_weight > 0;
  const auto reached = encoder_->features(painted, with_style ? style_taps_ : std::vector<std::string>{settings_.tap});

  const auto feature = feature_loss(reached.back(), batch.given.at("features"));
  auto loss = settings_.feature_weight * feature;
  StepResult result{0, {{"feature", feature.item<double>()}}};
  const auto plain = settings_.batch - (batch.paintings.defined() ? batch.paintings.size(0) : 0);
  if (plain > 0) {
    const auto pixel = (painted.narrow(0, 0, plain) - batch.photos.narrow(0, 0, plain)).square().mean();
    loss = loss + settings_.pixel_weight * pixel;
    result.terms["pixel dB"] = -10 * std::log10(std::max(pixel.item<double>(), 1e-12));
  }
  if (with_style) {
    const auto style = style_loss(reached, batch.paintings);
    loss = loss + settings_.style_weight * style;
    result.terms["style"] = style.item<double>();
  }
  loss.backward();
  result.loss = loss.item<double>();
  return result;
}

Network DecoderTraining::averaged(const std::vector<Tensor>& averages) const {
  Network network{network_.graph, {}};
  std::size_t index = 0;
  for (const auto& [name, tensor] : network_.parameters) network.parameters[name] = averages[index++];
  return network;
}

WeightSet DecoderTraining::model(const std::vector<Tensor>& averages) const {
  auto all = kept_;
  all.emplace_back(settings_.tap, averaged(averages));
  return write_decoders(all, settings_.method, encoder_name_, true);
}

Tensor DecoderTraining::preview(const std::vector<Tensor>& averages) const {
  const torch::NoGradGuard no_grad;
  const auto network = averaged(averages);
  const auto shown = [](const ImagePool& pool, std::int64_t index) {
    const auto picture = pool.picture(static_cast<std::size_t>(index) % pool.size());
    return resize_picture(picture.to(torch::kFloat).div(255).unsqueeze(0), kPreviewSide, kPreviewSide);
  };
  const auto painted = [&](const Tensor& photo, const Tensor& painting) {
    return run_network(network, encode(photo, painting)).clamp(0, 1).to(torch::kCPU);
  };
  std::vector<Tensor> columns;
  for (std::int64_t i = 0; i < kPreviewPhotos; ++i) {
    const auto photo = shown(photos_, i);
    std::vector<Tensor> column{photo, painted(photo, {})};
    if (settings_.transferred > 0) {
      const auto painting = shown(*paintings_, 7 * i);
      column.insert(column.end(), {painting, painted(photo, painting)});
    }
    columns.push_back(torch::cat(column, 2));
  }
  return torch::cat(columns, 3);
}

std::string DecoderTraining::note() const { return note_of(photos_.skipped()); }

std::vector<Option> shared_training_options(double transferred, double style_weight) {
  return {Option::text("start", "model to start from; its other decoders are kept"),
          Option::number("transferred", "share of each batch that takes on a painting's statistics", transferred, 0, 1),
          Option::number("pixel-weight", "weight of the squared difference of pixels", 10, 0, 1e6),
          Option::number("feature-weight", "weight of the difference of features", 1, 0, 1e6),
          Option::number("style-weight", "weight of the painting's statistics in what was transferred", style_weight, 0,
                         1e6),
          Option::choice("style-loss", "what those statistics are", "gram", {"moments", "gram"}),
          Option::integer("batch", "crops per step", 4, 1, 1024),
          Option::integer("crop", "side of a crop in pixels", 192, 64, 2048)};
}

DecoderTrainingSettings shared_settings(const Values& values) {
  DecoderTrainingSettings settings;
  settings.start = values.text("start");
  settings.transferred = values.number("transferred");
  settings.pixel_weight = values.number("pixel-weight");
  settings.feature_weight = values.number("feature-weight");
  settings.style_weight = values.number("style-weight");
  settings.gram = values.text("style-loss") == "gram";
  settings.batch = values.integer("batch");
  settings.crop = values.integer("crop");
  return settings;
}

std::vector<Option> level_training_options(int deepest) {
  auto options = shared_training_options(0, 0);
  options.push_back(Option::integer("level", "the level whose decoder is trained: 1 is relu1_1", 1, 1, deepest));
  return options;
}

DecoderTrainingSettings level_settings(const Values& values, const std::string& method) {
  auto settings = shared_settings(values);
  settings.method = method;
  settings.tap = tap_of_level(values.integer("level"));
  return settings;
}

std::string tap_of_level(long level) { return "relu" + std::to_string(level) + "_1"; }

}  // namespace atelier::reconstruction
