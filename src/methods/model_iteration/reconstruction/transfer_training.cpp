#include "methods/model_iteration/reconstruction/transfer_training.h"

#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "atelier/error.h"
#include "losses/upsampling_grid.h"
#include "tensor/resize.h"

namespace atelier::reconstruction {
namespace {

constexpr double kBalanceRate = 0.02;                   // how fast the content weight follows, per step
constexpr double kWeightLow = 0.01, kWeightHigh = 100;  // where it stops
constexpr std::int64_t kPreviewSide = 256, kPreviewColumns = 5;
constexpr int kLongestSide = 512;

/// Photos as they will be given; paintings with strokes of the size that they are given with, and somewhat beyond.
const Augmentation kPhotos{
    .smallest_scale = 0.9, .largest_scale = 2.0, .colour = 0.2, .grey = 0.02, .noise = 0.05, .blend = 0};
const Augmentation kPaintings{
    .smallest_scale = 0.8, .largest_scale = 1.8, .colour = 0.1, .grey = 0, .noise = 0, .blend = 0};

/// A multiple of 16, so that four poolings and upsamplings give the size back.
std::int64_t painted_side(std::int64_t crop, double scale) {
  return static_cast<std::int64_t>(scale * static_cast<double>(crop) + 1e-6) / 16 * 16;
}

std::vector<Tensor> pictures_of(const std::vector<StyleToLearn>& styles) {
  std::vector<Tensor> pictures;
  for (const auto& style : styles) pictures.push_back(style.picture);
  return pictures;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::string TransferTrainingSettings::text() const {
  nlohmann::json all = {{"method", method},
                        {"taps", taps},
                        {"transform", static_cast<int>(transform)},
                        {"width", decoder.width},
                        {"residual_blocks", decoder.residual_blocks},
                        {"balance", balance},
                        {"content_weight", content_weight},
                        {"tv_weight", tv_weight},
                        {"batch", batch},
                        {"crop", crop},
                        {"style_crop", style_crop}};
  // Runs from before these options go on.
  if (grid_weight > 0) all["grid_weight"] = grid_weight;
  if (paint_scale < 1) all["paint_scale"] = paint_scale;
  return all.dump();
}

TransferTraining::TransferTraining(const TransferTrainingSettings& settings, const TrainingInputs& inputs)
    : settings_(settings),
      encoder_name_(inputs.encoder),
      bf16_(inputs.bf16),
      encoder_(loss_encoder(inputs.encoder, inputs.bf16, inputs.device)),
      loss_(encoder_, {.tv_weight = settings.tv_weight}),
      network_(skip_decoder(encoder_->chain(), settings.taps, settings.decoder, inputs.seed)),
      photos_(inputs.photos, kLongestSide),
      paintings_(pictures_of(inputs.styles)),
      content_weight_(torch::full({1}, settings.content_weight)) {
  require(!inputs.styles.empty(), "this training transfers the statistics of paintings; add --style FOLDER");
  require(settings.batch > 0 && std::min(settings.crop, settings.style_crop) >= 64 && settings.crop % 16 == 0 &&
              settings.style_crop % 16 == 0,
          "the batch must be positive and the crops multiples of 16 from 64 on");
  require(painted_side(std::min(settings.crop, settings.style_crop), settings.paint_scale) >= 32,
          "at that --paint-scale the crops would be painted at less than 32 pixels; give larger ones");
  scale_to_data(network_, draw(inputs.seed).given);
  if (!settings.start.empty()) {
    const auto start = decoder_of(open_start(settings.start).joined, settings.taps.front());
    for (auto& [name, tensor] : network_.parameters)
      if (const auto found = start.parameters.find(name);
          found != start.parameters.end() && found->second.sizes() == tensor.sizes())
        tensor = found->second;
  }
  for (auto& [name, tensor] : network_.parameters) tensor = tensor.detach().clone().to(inputs.device).requires_grad_(true);
  identity_ = " " + inputs.encoder + " " + std::to_string(photos_.size()) + " " + std::to_string(paintings_.size()) +
              " " + std::to_string(inputs.seed) + (bf16_ ? " bf16" : " fp32");
}

TrainingTask::NamedTensors TransferTraining::parameters() const {
  return {network_.parameters.begin(), network_.parameters.end()};
}

std::map<std::string, Tensor> TransferTraining::transfer(const std::vector<Tensor>& photos,
                                                         const std::vector<Tensor>& paintings) const {
  std::map<std::string, std::vector<Tensor>> rows;
  for (std::int64_t i = 0; i < photos[0].size(0); ++i) {
    std::map<std::string, Tensor> features;
    std::map<std::string, std::vector<StyleTarget>> styles;
    for (std::size_t t = 0; t < loss_.taps().size(); ++t) {
      features[loss_.taps()[t]] = photos[t].narrow(0, i, 1);
      styles[loss_.taps()[t]] = {{feature_statistics(paintings[t].narrow(0, i, 1))}};
    }
    for (auto& [name, value] :
         decoder_inputs(network_.graph.inputs(), settings_.taps.front(), features, styles, settings_.transform, 1))
      rows[name].push_back(value);
  }
  std::map<std::string, Tensor> given;
  for (const auto& [name, values] : rows) given[name] = torch::cat(values);
  return given;
}

TransferTraining::Batch TransferTraining::draw(std::uint64_t seed) const {
  const torch::NoGradGuard no_grad;
  const auto photos = draw_crops({&photos_}, settings_.batch, settings_.crop, kPhotos, seed);
  const auto paintings = draw_crops({&paintings_}, settings_.batch, settings_.style_crop, kPaintings, seed ^ 0x5851f42dULL);
  Batch batch{loss_.encode(photos), loss_.encode(paintings), {}};
  batch.given = settings_.paint_scale < 1
                    ? transfer(loss_.encode(at_paint_scale(photos)), loss_.encode(at_paint_scale(paintings)))
                    : transfer(batch.photos, batch.paintings);
  return batch;
}

Tensor TransferTraining::at_paint_scale(const Tensor& crops) const {
  const auto side = painted_side(crops.size(2), settings_.paint_scale);
  return resize_picture(crops, side, side);
}

StepResult TransferTraining::step(std::uint64_t seed) {
  const auto batch = draw(seed);
  const auto made = run_network(network_, batch.given, bf16_ ? torch::kBFloat16 : torch::kFloat);
  const auto painted = resize(made, settings_.crop, settings_.crop);
  const auto targets = loss_.targets_of(batch.paintings, batch.photos);
  PerceptualLoss::Wanted wanted{{}, {}, {}, batch.photos};
  for (const auto& target : targets) wanted.styles.push_back(&target);
  wanted.content_weights.assign(targets.size(), content_weight_.item<double>());
  auto result = loss_.evaluate(painted, wanted);
  std::vector<Tensor> ends{painted}, slopes{result.gradient};
  if (settings_.grid_weight > 0) {
    // Where the network's own pixels are: enlarged, its grid has another period.
    ends.push_back(losses::upsampling_grid(made) * settings_.grid_weight);
    slopes.push_back(torch::ones_like(ends.back()));
    result.loss += ends.back().item<double>();
  }
  torch::autograd::backward(ends, slopes);
  const double content = mean(result.content), style = mean(result.style);
  if (settings_.balance > 0) rebalance(content, style);
  return {result.loss, {{"content", content}, {"style", style}, {"content weight", content_weight_.item<double>()}}};
}

void TransferTraining::rebalance(double content, double style) {
  const double ratio = content / std::max(style, 1e-6);
  if (!std::isfinite(ratio) || ratio <= 0 || style > 1) return;
  content_weight_.mul_(std::pow(ratio / settings_.balance, kBalanceRate)).clamp_(kWeightLow, kWeightHigh);
}

Network TransferTraining::averaged(const std::vector<Tensor>& averages) const {
  Network network{network_.graph, {}};
  std::size_t index = 0;
  for (const auto& [name, tensor] : network_.parameters) network.parameters[name] = averages[index++];
  return network;
}

WeightSet TransferTraining::model(const std::vector<Tensor>& averages) const {
  return write_decoders({{settings_.taps.front(), averaged(averages)}}, settings_.method, encoder_name_, true);
}

Tensor TransferTraining::preview(const std::vector<Tensor>& averages) const {
  const torch::NoGradGuard no_grad;
  const auto network = averaged(averages);
  const auto shown = [](const ImagePool& pool, std::int64_t index) {
    const auto picture = pool.picture(static_cast<std::size_t>(index) % pool.size());
    return resize_picture(picture.to(torch::kFloat).div(255).unsqueeze(0), kPreviewSide, kPreviewSide);
  };
  std::vector<Tensor> columns;
  for (std::int64_t i = 0; i < kPreviewColumns; ++i) {
    const auto photo = shown(photos_, i), painting = shown(paintings_, 7 * i);
    const auto given = transfer(loss_.encode(photo), loss_.encode(painting));
    columns.push_back(torch::cat({painting, photo, run_network(network, given).clamp(0, 1).to(torch::kCPU)}, 2));
  }
  return torch::cat(columns, 3);
}

std::string TransferTraining::note() const {
  return note_of(photos_.skipped());
}

std::vector<Option> transfer_training_options() {
  return {Option::text("start", "model to start from"),
          Option::choice("transform", "which map takes the photo's statistics to the painting's", "optimal",
                         {"moments", "eigen", "cholesky", "optimal"}),
          Option::number("width", "channels of the decoder relative to the encoder", 1, 0.1, 4),
          Option::integer("residual-blocks", "blocks before the decoder", 2, 0, 16),
          Option::number("balance", "content lost to style distance left that shall be reached; 0: fixed weight", 2.1, 0,
                         100),
          Option::number("content-weight", "weight of the content at the start", 0.3, 0, 1e6),
          Option::number("tv-weight", "weight of the total variation", 0.02, 0, 1e6),
          Option::number("grid-weight", "weight of what repeats every 8 pixels or fewer, as upsampling leaves it", 0, 0,
                         1e6),
          Option::integer("batch", "crops per step", 4, 1, 1024),
          Option::integer("crop", "side of a photo's crop in pixels", 192, 64, 2048),
          Option::integer("style-crop", "side of a painting's crop in pixels", 256, 64, 2048),
          Option::number("paint-scale", "size at which the network paints, relative to the crop that is judged", 1, 0.25,
                         1)};
}

TransferTrainingSettings transfer_settings(const Values& values) {
  TransferTrainingSettings settings;
  settings.start = values.text("start");
  settings.transform = parse_transform(values.text("transform"));
  settings.decoder.width = values.number("width");
  settings.decoder.residual_blocks = static_cast<int>(values.integer("residual-blocks"));
  settings.balance = values.number("balance");
  settings.content_weight = values.number("content-weight");
  settings.tv_weight = values.number("tv-weight");
  settings.grid_weight = values.number("grid-weight");
  settings.batch = values.integer("batch");
  settings.crop = values.integer("crop");
  settings.style_crop = values.integer("style-crop");
  settings.paint_scale = values.number("paint-scale");
  return settings;
}

}  // namespace atelier::reconstruction
