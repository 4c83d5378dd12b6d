// Networks that paint, measured: applied to pictures, trained, and against the optimisation that they stand for.
// paint.py does the first two in Python PyTorch on the same files and prints the same JSON, paint_onnx.js the first by
// ONNX Runtime; adain and wct, an encoder and decoders, have transfer.py and adain_onnx.js. compare.py runs all in
// turn.
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "game_steps.h"
#include "gatys_loss.h"
#include "measure.h"
#include "methods/applied_network.h"
#include "methods/model_iteration/adversarial/animegan/network.h"
#include "methods/model_iteration/adversarial/animegan2/network.h"
#include "methods/model_iteration/adversarial/translators.h"
#include "methods/model_iteration/generative/conditional_in/network.h"
#include "methods/model_iteration/generative/johnson/network.h"
#include "networks/export_onnx.h"
#include "optimise/lbfgs.h"
#include "tensor/runtime.h"
#include "train_steps.h"
#include "transfer.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using namespace bench;
using nlohmann::json;

struct Settings {
  std::string network, weights, pictures, precision = "fp32", style;
  int batch = 1, count = 5, warm_up = 2, steps = 1000, threads = 0;
};

/// A network by its name: "shape:johnson", "shape:johnson-transposed", "shape:conditional-in", "shape:animegan",
/// "shape:animegan2", pix2pix's "shape:unet" and "shape:patch-critic" with seeded random weights, or a model's.
Network network_named(const std::string& name) {
  namespace m = methods;
  if (name == "shape:johnson") return m::johnson::painting_network(5);
  if (name == "shape:johnson-transposed")
    return m::johnson::painting_network(5, {.upsampling = m::johnson::Upsampling::kTransposed});
  if (name == "shape:conditional-in") return m::conditional_in::painting_network(27, 5);
  if (name == "shape:animegan") return m::animegan::generator(5);
  if (name == "shape:animegan2") return m::animegan2::generator(5);
  if (name == "shape:unet") return m::unet(5);
  if (name == "shape:patch-critic") return m::patch_critic(5, {.conditional = true});
  return read_network(open_model(name));
}

void write_named(const std::string& name, const std::string& file, const std::string& onnx) {
  auto weights = write_network(network_named(name), false);
  if (!name.starts_with("shape:")) {
    const auto model = open_model(name);
    const auto styles = model.metadata.find("styles");
    if (styles != model.metadata.end()) weights.metadata["styles"] = styles->second;
  }
  write_safetensors(file, weights);
  export_onnx(weights, onnx);
}

/// What a network of several styles wants beside the pictures: all of one style.
std::map<std::string, Tensor> shares_for(const Network& network, std::int64_t style) {
  for (const auto& node : network.graph.nodes) {
    if (node.op != Op::kConditionalNorm) continue;
    const auto styles = network.parameters.at(node.name + ".weight").size(0);
    return {{node.inputs.at(1), torch::one_hot(torch::tensor({style}), styles).to(torch::kFloat)}};
  }
  return {};
}

json measured(const std::vector<double>& seconds, const Settings& settings) {
  return {{"program", "atelier"},      {"precision", settings.precision},
          {"batch", settings.batch},   {"threads", at::get_num_threads()},
          {"seconds", seconds},        {"median_seconds", median(seconds)},
          {"peak_bytes", peak_bytes()}};
}

/// With what tells whether other sides painted the same.
json measured(const std::vector<double>& seconds, const Settings& settings, const Tensor& painted) {
  auto result = measured(seconds, settings);
  result["mean"] = painted.to(torch::kDouble).mean().item<double>();
  result["square"] = painted.to(torch::kDouble).square().mean().item<double>();
  return result;
}

json paint(const Settings& settings) {
  const torch::NoGradGuard no_grad;
  auto network = read_network(read_safetensors(settings.network));
  const auto shares = shares_for(network, 0);
  const auto inputs = network.graph.inputs();
  const AppliedNetwork applied(std::move(network), inputs);
  const auto photos = read_pictures(settings.pictures).photo.repeat({settings.batch, 1, 1, 1});
  Tensor painted;
  const auto seconds = timed(settings.warm_up, settings.count, [&] {
    painted =
        applied.paint(photos, compute_type(settings.precision), [&](const Tensor&) { return shares; }).clamp(0, 1);
  });
  return measured(seconds, settings, painted);
}

json transfer(const Settings& settings) {
  const torch::NoGradGuard no_grad;
  const auto pictures = read_pictures(settings.pictures);
  const TransferPainter painter(settings.network, parse_precision(settings.precision), pictures.style);
  const auto photos = pictures.photo.repeat({settings.batch, 1, 1, 1});
  Tensor painted;
  const auto seconds = timed(settings.warm_up, settings.count, [&] { painted = painter.paint(photos); });
  return measured(seconds, settings, painted);
}

json learning(const Settings& settings, TrainedSteps (*take)(const TrainSteps&)) {
  const auto steps = take({settings.network, settings.weights, settings.pictures, settings.precision == "bf16",
                           settings.batch, settings.warm_up, settings.count});
  auto result = measured(steps.seconds, settings);
  result["loss"] = steps.loss;
  return result;
}

json train(const Settings& settings) { return learning(settings, train_steps); }

json game(const Settings& settings) { return learning(settings, game_steps); }

/// How long the method gatys, from the photo on and by L-BFGS, takes to the loss that the network's picture has.
json race(const Settings& settings) {
  const auto pictures = read_pictures(settings.pictures);
  auto network = read_network(read_safetensors(settings.network));
  const auto names = json::parse(read_safetensors(settings.network).metadata.at("styles"));
  const auto found = std::find(names.begin(), names.end(), settings.style);
  require(found != names.end(), "the network holds no style \"" + settings.style + "\"; give --style NAME");
  const auto shares = shares_for(network, found - names.begin());
  const auto inputs = network.graph.inputs();
  const AppliedNetwork applied(std::move(network), inputs);
  Tensor painted;
  const auto forward = timed(settings.warm_up, settings.count, [&] {
    const torch::NoGradGuard no_grad;
    painted = applied.paint(pictures.photo, compute_type(settings.precision), [&](const Tensor&) { return shares; })
                  .clamp(0, 1);
  });
  const auto objective =
      gatys_loss(read_chain(read_safetensors(settings.weights)), pictures, parse_precision(settings.precision));
  const double wanted = objective(painted).total();
  Lbfgs optimiser(pictures.photo);
  double seconds = 0, reached = objective(pictures.photo).total();
  int steps = 0;
  for (; reached > wanted && steps < settings.steps; ++steps)
    seconds += timed(0, 1, [&] {
                 reached = optimiser
                               .step([&](const Tensor& picture) {
                                 const auto loss = objective(picture);
                                 return Evaluation{loss.total(), loss.gradient};
                               })
                               .loss;
               }).front();
  auto result = measured(forward, settings);
  result["wanted_loss"] = wanted;
  result["reached_loss"] = reached;
  result["steps"] = steps;
  result["optimisation_seconds"] = seconds;
  return result;
}

CLI::App* add_measurement(CLI::App& app, const char* name, const char* help, Settings& settings) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("--network", settings.network, "network, as `network` wrote it; transfer: a folder of `levels`")
      ->required();
  command->add_option("--pictures", settings.pictures, "photo and style, as `pictures` wrote them")->required();
  command->add_option("--weights", settings.weights, "encoder, as gatys_step_bench wrote it");
  command->add_option("--precision", settings.precision, "fp32 or bf16")->check(CLI::IsMember({"fp32", "bf16"}));
  command->add_option("--batch", settings.batch, "pictures at a time")->check(CLI::Range(1, 64));
  command->add_option("--count", settings.count, "runs to measure")->check(CLI::Range(1, 10000));
  command->add_option("--warm-up", settings.warm_up, "runs before those");
  command->add_option("--style", settings.style, "race: which of the network's styles the painting is");
  command->add_option("--steps", settings.steps, "race: the most steps of the optimisation");
  return command;
}

int run(int count, char** words) {
  CLI::App app("Measures networks that paint; prints JSON");
  app.require_subcommand(1);
  Settings settings;
  app.add_option("--threads", settings.threads, "0 for all cores");
  std::string name, file, onnx, photo, style;
  int height = 0, width = 0;
  auto* network = app.add_subcommand("network", "write a network as all sides read it");
  network->add_option("name", name, "one of shape:..., see network_named(), or a model")->required();
  network->add_option("file", file, "a .safetensors to write")->required();
  network->add_option("onnx", onnx, "an .onnx to write")->required();
  auto* levels =
      app.add_subcommand("levels", "write encoders and decoders of adain or wct as the other sides read them");
  levels->add_option("method", name)->required();
  levels->add_option("folder", file, "a folder to make")->required();
  auto* pictures = app.add_subcommand("pictures", "write photo and style as tensors");
  pictures->add_option("photo", photo)->required();
  pictures->add_option("style", style)->required();
  pictures->add_option("height", height)->required()->check(CLI::Range(32, 8192));
  pictures->add_option("width", width)->required()->check(CLI::Range(32, 8192));
  pictures->add_option("file", file, "a .safetensors to write")->required();
  const std::map<CLI::App*, json (*)(const Settings&)> measurements = {
      {add_measurement(app, "paint", "apply a network", settings), paint},
      {add_measurement(app, "transfer", "apply adain or wct, the painting's statistics taken before", settings),
       transfer},
      {add_measurement(app, "train", "take training steps", settings), train},
      {add_measurement(app, "game", "take steps of pix2pix, critic and generator", settings), game},
      {add_measurement(app, "race", "optimise to the network's loss", settings), race}};
  CLI11_PARSE(app, count, words);
  configure_runtime(settings.threads);
  if (network->parsed()) write_named(name, file, onnx);
  if (levels->parsed()) write_transfer(name, file);
  if (pictures->parsed()) write_pictures(photo, style, height, width, file);
  for (const auto& [command, measure] : measurements)
    if (command->parsed()) std::cout << measure(settings).dump(2) << '\n';
  return 0;
}

}  // namespace
}  // namespace atelier

int main(int count, char** words) {
  try {
    return atelier::run(count, words);
  } catch (const std::exception& error) {
    std::cerr << "paint_bench: " << error.what() << '\n';
    return 2;
  }
}
