#include "training/adversarial/saved_critic.h"

#include <torch/torch.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/printable.h"
#include "tensor/weight_tensor.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using nlohmann::ordered_json;

constexpr const char* kKey = "critic/";

std::vector<std::string> critics_in(const WeightSet& checkpoint) {
  std::vector<std::string> names;
  for (const auto& [key, text] : checkpoint.metadata)
    if (key.starts_with(kKey)) names.push_back(key.substr(std::string(kKey).size()));
  return names;
}

std::string chosen(const std::string& file, const WeightSet& checkpoint, const std::string& wanted) {
  const auto names = critics_in(checkpoint);
  require(!names.empty(), printable(file) +
                              " describes no critic; give the .checkpoint of an adversarial training, and continue an "
                              "old one by --resume for a step");
  if (wanted.empty() && names.size() == 1) return names.front();
  if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
  std::string listed;
  for (const auto& name : names) listed += (listed.empty() ? "\"" : ", \"") + one_line(name) + "\"";
  throw Error((wanted.empty() ? printable(file) + " holds several critics"
                              : printable(file) + " holds no critic " + printable(wanted)) +
              "; choose one of " + listed);
}

/// What the checkpoint holds of the critic, under its network's own names.
WeightSet part_of(const WeightSet& checkpoint, const std::string& name, const std::string& graph) {
  WeightSet part;
  part.storage = checkpoint.storage;
  part.metadata["graph"] = graph;
  for (const std::string& prefix : {"critics/parameter/" + name + "/", "task/" + name + "/"})
    for (const auto& [full, tensor] : checkpoint.tensors)
      if (full.starts_with(prefix)) part.tensors[full.substr(prefix.size())] = tensor;
  return part;
}

Critic critic_from(const WeightSet& checkpoint, const std::string& name) try {
  const auto said = ordered_json::parse(checkpoint.metadata.at(critic_key(name)));
  CriticSettings settings;
  settings.loss = losses::parse_adversarial(said.at("loss").get<std::string>());
  settings.spectral_norm = said.at("spectral_norm").get<bool>();
  Critic critic(name, read_network(part_of(checkpoint, name, said.at("graph").dump())), settings);
  for (const auto& [state, tensor] : critic.state()) Tensor(tensor).copy_(to_float_tensor(checkpoint, "task/" + state));
  return critic;
} catch (const nlohmann::json::exception&) {
  throw Error("the checkpoint's description of the critic " + printable(name) + " is damaged; train it again");
}

/// Of the picture, as the first convolution on the way from it says.
std::int64_t channels_of_picture(const Network& network) {
  for (const auto& node : network.graph.nodes)
    if (node.op == Op::kConv) return network.parameters.at(node.name + ".weight").size(1) * node.groups;
  return 0;
}

}  // namespace

std::string critic_key(const std::string& name) { return kKey + name; }

std::string critic_description(const Critic& critic) {
  const auto kind = static_cast<std::size_t>(critic.settings().loss);
  return ordered_json{{"loss", losses::adversarial_names().at(kind)},
                      {"spectral_norm", critic.settings().spectral_norm},
                      {"graph", ordered_json::parse(to_json(critic.network().graph))}}
      .dump();
}

SavedCritic::SavedCritic(const std::filesystem::path& checkpoint, const std::string& name) {
  const torch::NoGradGuard no_grad;
  const auto saved = read_safetensors(checkpoint);
  critic_.emplace(critic_from(saved, chosen(checkpoint.string(), saved, name)));
  const auto inputs = critic_->network().graph.inputs();
  const auto takes = [&](const char* input) { return std::find(inputs.begin(), inputs.end(), input) != inputs.end(); };
  wants_photo_ = takes("photo");
  require(takes("picture") && inputs.size() == (wants_photo_ ? 2U : 1U),
          "the critic " + printable(critic_->name()) +
              " judges an encoder's features and no pictures; use one that was trained on pictures");
  grey_ = channels_of_picture(critic_->network()) == 1;
}

double SavedCritic::threshold() const { return critic_->settings().loss == losses::Adversarial::kLsgan ? 0.5 : 0; }

double SavedCritic::verdict(const Tensor& picture, const Tensor& photo) {
  require(!wants_photo_ || photo.defined(),
          "the critic " + printable(critic_->name()) + " looks at the photo beside the picture; give the content");
  NetworkInputs inputs = {{"picture", grey_ ? picture.mean(1, true) : picture}};
  if (wants_photo_) inputs["photo"] = photo;
  return critic_->judge_finally(inputs).mean().item<double>();
}

}  // namespace atelier
