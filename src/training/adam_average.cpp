#include "training/adam_average.h"

#include <torch/torch.h>

#include <cstring>

#include "atelier/error.h"
#include "tensor/weight_tensor.h"
#include "training/adam_update.h"

namespace atelier {
namespace {

constexpr double kAverageDecay = 0.999;

std::int64_t count_in(const WeightTensor& saved) {
  std::int64_t count = -1;
  if (saved.dtype == DType::kI64 && saved.bytes.size() == sizeof count)
    std::memcpy(&count, saved.bytes.data(), sizeof count);
  require(count >= 0, "the checkpoint is damaged: its number of updates is none; take another or begin anew");
  return count;
}

}  // namespace

AdamAverage::AdamAverage(std::vector<std::pair<std::string, Tensor>> parameters, const AdamDecays& decays)
    : parameters_(std::move(parameters)), decays_(decays) {
  for (const auto& [name, tensor] : parameters_) {
    require(tensor.requires_grad(), "AdamAverage: " + name + " does not require a gradient");
    first_.push_back(torch::zeros_like(tensor));
    second_.push_back(torch::zeros_like(tensor));
    average_.push_back(tensor.detach().clone());
    rate_factors_.push_back(1);
  }
}

void AdamAverage::set_rate_factors(const std::function<double(const std::string&)>& factor_of) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) rate_factors_[i] = factor_of(parameters_[i].first);
}

/// Of all gradients, added up where they are: a GPU is waited for once.
double AdamAverage::squares_of_gradients() const {
  Tensor sum = torch::zeros({}, torch::kDouble);
  for (const auto& [name, tensor] : parameters_)
    if (tensor.grad().defined()) sum = sum + sum_of_squares(tensor.grad());
  return sum.item<double>();
}

bool AdamAverage::step(double learning_rate, double clip_norm) {
  torch::NoGradGuard no_grad;
  const double squares = squares_of_gradients();
  const bool usable = std::isfinite(squares);
  if (usable) {
    ++updates_;
    const double scale = std::min(1.0, clip_norm / (std::sqrt(squares) + 1e-12));
    AdamNumbers numbers{.gradient_scale = scale, .first_decay = decays_.first, .second_decay = decays_.second};
    numbers.second_bias = 1 - std::pow(decays_.second, updates_);
    // A young average would be dominated by the random start.
    numbers.average_decay = std::min(kAverageDecay, (1.0 + updates_) / (10.0 + updates_));
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const auto& tensor = parameters_[i].second;
      if (!tensor.grad().defined()) continue;
      const double rate = learning_rate * rate_factors_[i];
      numbers.rate = rate / (1 - std::pow(decays_.first, updates_));
      numbers.decay = tensor.dim() > 2 ? rate * weight_decay_ : 0;
      adam_update({tensor, tensor.grad(), first_[i], second_[i], average_[i]}, numbers);
    }
  }
  for (auto& [name, tensor] : parameters_) tensor.mutable_grad() = Tensor();
  return usable;
}

void AdamAverage::start_from(const WeightSet& model,
                             const std::function<std::string(const std::string&)>& name_in_model) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    auto& tensor = parameters_[i].second;
    const auto name = name_in_model(parameters_[i].first);
    const auto found = model.tensors.find(name);
    require(found != model.tensors.end() && found->second.shape == tensor.sizes().vec(),
            "the model to start from does not have " + name + " as this training has it; give the checkpoint of its " +
                "run (OUTPUT.checkpoint), which holds all that was learnt, or a model of the same shape");
    tensor.copy_(to_float_tensor(model, name));
    average_[i].copy_(tensor);
  }
}

void AdamAverage::return_to_average() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    parameters_[i].second.copy_(average_[i]);
    first_[i].zero_();
    second_[i].zero_();
  }
  updates_ = 0;
}

std::vector<std::pair<std::string, Tensor>> AdamAverage::state(const std::string& prefix) const {
  std::vector<std::pair<std::string, Tensor>> all;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto& [name, tensor] = parameters_[i];
    all.emplace_back(prefix + "parameter/" + name, tensor);
    all.emplace_back(prefix + "first/" + name, first_[i]);
    all.emplace_back(prefix + "second/" + name, second_[i]);
    all.emplace_back(prefix + "average/" + name, average_[i]);
  }
  all.emplace_back(prefix + "updates", torch::tensor(updates_));
  return all;
}

void AdamAverage::restore(const WeightSet& saved, const std::string& prefix) {
  torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : state(prefix)) {
    if (name == prefix + "updates") continue;
    const auto value = to_float_tensor(saved, name);
    require(value.sizes() == tensor.sizes(),
            "the checkpoint's " + name + " has another shape; it belongs to another run");
    Tensor(tensor).copy_(value);
  }
  updates_ = count_in(saved.at(prefix + "updates"));
}

}  // namespace atelier
