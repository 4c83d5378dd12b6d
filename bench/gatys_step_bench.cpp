// One optimisation step of the method gatys, measured: forward to the style and content layers, relative Gram and
// content losses, total variation, the gradient by the picture, one update by Adam. gatys_step.py does the same in
// Python PyTorch on the same files and prints the same JSON; compare.py runs both in turn.
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "encoders/encoder.h"
#include "encoders/random_chain.h"
#include "losses/content.h"
#include "losses/gram.h"
#include "losses/tv.h"
#include "media/image_file.h"
#include "methods/image_iteration/mmd/gatys/objective.h"
#include "optimise/adam.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "tensor/runtime.h"
#include "tensor/weight_tensor.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

// The defaults of the method gatys; gatys_step.py states them again.
const std::vector<std::string> kStyleTaps = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
const std::string kContentTap = "relu4_2";
constexpr double kContentWeight = 0.05, kStyleWeight = 1, kTvWeight = 0.02, kLearningRate = 0.02;

struct Settings {
  std::string weights, pictures, precision = "fp32", engine = "fast";
  int steps = 5, warm_up = 2, threads = 0;
  bool evaluate = false;
};

struct Pictures {
  Tensor photo, style;
};

/// The compact encoder's shape (docs/models.md), readouts included: they take time too.
ConvChain random_compact() {
  auto chain = random_chain({2, 2, 3, 3, 1}, {24, 48, 80, 160, 256});
  auto taps = kStyleTaps;
  taps.push_back(kContentTap);
  for (const auto& tap : taps) {
    const auto channels = chain.channels(tap);
    chain.readouts[tap] = torch::randn({channels, channels, 1, 1}) / std::sqrt(static_cast<double>(channels));
  }
  return chain;
}

ConvChain chain_named(const std::string& network) {
  if (network == "shape:vgg19") return random_chain({2, 2, 4, 4, 1}, {64, 128, 256, 512, 512});
  if (network == "shape:compact") return random_compact();
  return read_chain(open_model(network));
}

/// The largest square in the middle of a picture file, resized to `side`.
Tensor square_of(const std::string& path, int side) {
  const auto picture = to_tensor(read_image(path));
  const auto edge = std::min(picture.size(2), picture.size(3));
  const auto square =
      picture.narrow(2, (picture.size(2) - edge) / 2, edge).narrow(3, (picture.size(3) - edge) / 2, edge);
  return resize_picture(square.contiguous(), side, side).contiguous();
}

void write_pictures(const std::string& photo, const std::string& style, int side, const std::string& file) {
  write_safetensors(file, to_weight_set({{"photo", square_of(photo, side)}, {"style", square_of(style, side)}}));
}

Pictures read_pictures(const std::string& file) {
  const auto stored = read_safetensors(file);
  return {to_float_tensor(stored, "photo"), to_float_tensor(stored, "style")};
}

PictureObjective method_objective(const ConvChain& chain, const Pictures& pictures, Precision precision) {
  methods::gatys::ObjectiveSettings settings;
  for (const auto& tap : kStyleTaps) settings.style_layers.push_back({tap});
  settings.content_layers = {{kContentTap}};
  settings.content_weight = kContentWeight;
  settings.style_weight = kStyleWeight;
  settings.tv_weight = kTvWeight;
  Inputs inputs;
  inputs.content = pictures.photo;
  inputs.styles = {Style{.picture = pictures.style, .mask = {}}};
  const auto encoder = std::make_shared<const Encoder>(chain, EncoderOptions{.precision = precision});
  return methods::gatys::make_objective(encoder, inputs, settings, {pictures.photo.size(2), pictures.photo.size(3), 1});
}

/// The same by LibTorch's own operations and autograd in float32: slow, and plainly right.
PictureObjective plain_objective(const ConvChain& chain, const Pictures& pictures) {
  std::vector<Tensor> grams;
  Tensor content;
  {
    const torch::NoGradGuard no_grad;
    for (const auto& features : chain_features(chain, pictures.style, kStyleTaps))
      grams.push_back(losses::gram(features));
    content = chain_features(chain, pictures.photo, {kContentTap})[0];
  }
  return [=](const Tensor& picture) {
    const auto x = picture.detach().clone().requires_grad_(true);
    auto taps = kStyleTaps;
    taps.push_back(kContentTap);
    const auto features = chain_features(chain, x, taps);
    auto style = torch::zeros({});
    for (std::size_t t = 0; t < grams.size(); ++t)
      style = style + losses::gram_loss(features[t], grams[t], losses::GramDistance::kRelative);
    style = style * (kStyleWeight / static_cast<double>(grams.size()));
    const auto away =
        losses::content_loss(features.back(), content, losses::ContentDistance::kRelative) * kContentWeight;
    const auto tv = losses::tv_squared(x) * kTvWeight;
    PictureLoss loss;
    loss.gradient = torch::autograd::grad({style + away + tv}, {x})[0];
    loss.terms = {{"content", away.item<double>()}, {"style", style.item<double>()}, {"tv", tv.item<double>()}};
    return loss;
  };
}

PictureObjective make_objective(const ConvChain& chain, const Pictures& pictures, const Settings& settings) {
  const auto precision = parse_precision(settings.precision);
  if (settings.engine == "fast") return method_objective(chain, pictures, precision);
  require(precision == Precision::kFloat32, "the plain engine computes in float32; add --precision fp32");
  return plain_objective(chain, pictures);
}

json as_json(const PictureLoss& loss) {
  json terms;
  for (const auto& [name, value] : loss.terms) terms[name] = value;
  terms["total"] = loss.total();
  return terms;
}

/// The most memory that this program has occupied. Not ru_maxrss, which counts the parent before exec() too.
std::uint64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (std::uint64_t kilobytes = 0; word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  return 0;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

json measure_steps(const Settings& settings) {
  require(settings.steps > 0 && settings.warm_up >= 0, "there is no step to measure; add --steps 5");
  const auto chain = read_chain(read_safetensors(settings.weights));
  const auto pictures = read_pictures(settings.pictures);
  const auto objective = make_objective(chain, pictures, settings);
  PictureLoss last;
  const auto evaluate = [&](const Tensor& picture) {
    last = objective(picture);
    return Evaluation{last.total(), last.gradient};
  };
  Adam adam(pictures.photo, {.learning_rate = kLearningRate});
  json first;
  std::vector<double> seconds;
  for (int step = 0; step < settings.warm_up + settings.steps; ++step) {
    const auto start = Clock::now();
    adam.step(evaluate);
    if (step >= settings.warm_up) seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    if (step == 0) first = as_json(last);
  }
  json result = {{"program", "atelier"},
                 {"engine", settings.engine},
                 {"precision", settings.precision},
                 {"side", pictures.photo.size(3)},
                 {"threads", at::get_num_threads()},
                 {"seconds", seconds},
                 {"median_seconds", median(seconds)},
                 {"peak_bytes", peak_bytes()},
                 {"first", first},
                 {"last", as_json(last)}};
  if (settings.evaluate) result["final"] = as_json(plain_objective(chain, pictures)(adam.point().clamp(0, 1)));
  return result;
}

json machine() {
  const auto report = runtime_report();
  return {{"cpu", report.cpu},
          {"cores", report.cores},
          {"instruction_sets", report.instruction_sets},
          {"memory", report.total_memory},
          {"atelier", ATELIER_VERSION},
          {"libtorch", report.torch_version},
          {"libtorch_kernels", report.torch_capability},
          {"onednn", report.onednn_version},
          {"onednn_isa", report.onednn_isa},
          {"blas", to_string(report.blas)},
          {"advice", report.advice}};
}

CLI::App* add_step(CLI::App& app, Settings& settings) {
  auto* step = app.add_subcommand("step", "measure optimisation steps, from the photo on");
  step->add_option("--weights", settings.weights, "encoder, as `weights` wrote it")->required();
  step->add_option("--pictures", settings.pictures, "photo and style, as `pictures` wrote them")->required();
  step->add_option("--precision", settings.precision, "fp32, bf16 or auto");
  step->add_option("--engine", settings.engine, "the method's own, or LibTorch's plain operations")
      ->check(CLI::IsMember({"fast", "plain"}));
  step->add_option("--steps", settings.steps, "steps to measure");
  step->add_option("--warm-up", settings.warm_up, "steps before those");
  step->add_flag("--evaluate", settings.evaluate, "also give the end's losses in float32, by plain operations");
  return step;
}

int run(int count, char** words) {
  CLI::App app("Measures the optimisation step of the method gatys; prints JSON");
  app.require_subcommand(1);
  Settings settings;
  app.add_option("--threads", settings.threads, "0 for all cores");
  std::string network, file, photo, style;
  int side = 512;
  auto* weights = app.add_subcommand("weights", "write an encoder as both sides read it");
  weights->add_option("network", network, "shape:vgg19, shape:compact, or an encoder's name or file")->required();
  weights->add_option("file", file, "a .safetensors to write")->required();
  auto* pictures = app.add_subcommand("pictures", "write photo and style as tensors");
  pictures->add_option("photo", photo)->required();
  pictures->add_option("style", style)->required();
  pictures->add_option("side", side, "height and width")->required()->check(CLI::Range(32, 8192));
  pictures->add_option("file", file, "a .safetensors to write")->required();
  auto* step = add_step(app, settings);
  app.add_subcommand("machine", "say what it runs on");
  CLI11_PARSE(app, count, words);
  configure_runtime(settings.threads);
  if (weights->parsed())
    write_safetensors(file, write_chain(chain_named(network), false));
  else if (pictures->parsed())
    write_pictures(photo, style, side, file);
  else
    std::cout << (step->parsed() ? measure_steps(settings) : machine()).dump(2) << '\n';
  return 0;
}

}  // namespace
}  // namespace atelier

int main(int count, char** words) {
  try {
    return atelier::run(count, words);
  } catch (const std::exception& error) {
    std::cerr << "gatys_step_bench: " << error.what() << '\n';
    return 2;
  }
}
