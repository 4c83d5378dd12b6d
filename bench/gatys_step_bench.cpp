// One optimisation step of the method gatys, measured: forward to the style and content layers, relative Gram and
// content losses, total variation, the gradient by the picture, one update by Adam. gatys_step.py does the same in
// Python PyTorch on the same files and prints the same JSON; compare.py runs both in turn.
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "encoders/encoder.h"
#include "gatys_loss.h"
#include "losses/content.h"
#include "losses/gram.h"
#include "losses/tv.h"
#include "measure.h"
#include "optimise/adam.h"
#include "tensor/runtime.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using namespace bench;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr double kLearningRate = 0.02;

struct Settings {
  std::string weights, pictures, precision = "fp32", engine = "fast";
  int steps = 5, warm_up = 2, threads = 0;
  bool evaluate = false;
};

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
  if (settings.engine == "fast") return gatys_loss(chain, pictures, precision);
  require(precision == Precision::kFloat32, "the plain engine computes in float32; add --precision fp32");
  return plain_objective(chain, pictures);
}

/// The rate of a step of a run whose end is judged: it falls over the last third, since at a constant rate Adam's loss
/// goes on jumping by some per cent, whatever the arithmetic.
double settling_rate(int step, int steps) {
  const double left = static_cast<double>(steps - step) / steps;
  return kLearningRate * std::min(1.0, 3 * left);
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
    if (settings.evaluate) adam.set_learning_rate(settling_rate(step, settings.warm_up + settings.steps));
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

CLI::App* add_step(CLI::App& app, Settings& settings) {
  auto* step = app.add_subcommand("step", "measure optimisation steps, from the photo on");
  step->add_option("--weights", settings.weights, "encoder, as `weights` wrote it")->required();
  step->add_option("--pictures", settings.pictures, "photo and style, as `pictures` wrote them")->required();
  step->add_option("--precision", settings.precision, "fp32, bf16 or auto");
  step->add_option("--engine", settings.engine, "the method's own, or LibTorch's plain operations")
      ->check(CLI::IsMember({"fast", "plain"}));
  step->add_option("--steps", settings.steps, "steps to measure");
  step->add_option("--warm-up", settings.warm_up, "steps before those");
  step->add_flag("--evaluate", settings.evaluate,
                 "let the rate fall at the end, and give the end's losses in float32, by plain operations");
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
  weights->add_option("network", network, "shape:vgg16, shape:vgg19, shape:compact, or an encoder's name or file")
      ->required();
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
    write_pictures(photo, style, side, side, file);
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
