#include "optimise/adam.h"

#include <cmath>
#include <utility>

#include "atelier/error.h"
#include "tensor/vector_math.h"

namespace atelier {
namespace {

constexpr double kStateKind = 2;  // first scalar of the state, tells Adam from L-BFGS
constexpr int kMostHalvings = 20;

}  // namespace

Adam::Adam(const Tensor& start, const AdamOptions& options) : options_(options) {
  require(start.defined() && start.numel() > 0 && start.is_floating_point() && start.isfinite().all().item<bool>(),
          "Adam: the starting point must be non-empty and finite; check the picture it starts from");
  const auto is_share = [](double beta) { return beta >= 0 && beta < 1; };
  require(is_share(options.beta1) && is_share(options.beta2) && options.epsilon > 0,
          "Adam: the betas must lie in [0, 1) and epsilon above 0; change the options");
  set_learning_rate(options.learning_rate);
  point_ = start.detach().clone(at::MemoryFormat::Contiguous);
  previous_ = point_.clone();
  mean_ = torch::zeros_like(point_);
  square_ = torch::zeros_like(point_);
}

void Adam::set_learning_rate(double rate) {
  require(rate > 0 && std::isfinite(rate), "Adam: the learning rate must be above 0; raise it");
  options_.learning_rate = rate;
}

OptimiserStep Adam::step(const Objective& objective) {
  OptimiserStep result;
  while (true) {
    auto [loss, gradient] = objective(point_);
    ++result.evaluations;
    require(gradient.defined() && gradient.sizes() == point_.sizes() && gradient.scalar_type() == point_.scalar_type(),
            "Adam: the gradient has not the point's shape and type; check the objective");
    gradient = gradient.detach().contiguous();
    result.loss = loss;
    result.gradient_norm = std::sqrt(scalar_product(gradient, gradient));
    if (std::isfinite(loss) && std::isfinite(result.gradient_norm)) {
      ++steps_;
      mean_.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
      square_.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
      break;
    }
    ++result.rejected;
    result.status = StepStatus::kNotFinite;
    if (result.rejected > kMostHalvings || !halve_last_move()) return result;
  }
  std::swap(previous_, point_);
  move_from(previous_);
  result.step = options_.learning_rate;
  result.status = result.gradient_norm == 0 ? StepStatus::kConverged : StepStatus::kMoved;
  return result;
}

bool Adam::halve_last_move() {
  if (steps_ == 0) return false;
  options_.learning_rate *= 0.5;
  move_from(previous_);
  return true;
}

void Adam::move_from(const Tensor& base) {
  const double mean_bias = 1 - std::pow(options_.beta1, steps_);
  const double square_bias = 1 - std::pow(options_.beta2, steps_);
  const auto spread = square_.sqrt().div_(std::sqrt(square_bias)).add_(options_.epsilon);
  at::addcdiv_out(point_, base, mean_, spread, -options_.learning_rate / mean_bias);
}

void Adam::resize_state(const std::function<Tensor(const Tensor&)>& resize) {
  const auto resized = [&](const Tensor& vector) {
    return resize(vector).to(vector.scalar_type()).clone(at::MemoryFormat::Contiguous);
  };
  const double before = static_cast<double>(point_.numel());
  point_ = resized(point_);
  previous_ = resized(previous_);
  const double ratio = before / static_cast<double>(point_.numel());
  mean_ = resized(mean_).mul_(ratio);
  square_ = resized(square_).clamp_min_(0).mul_(ratio * ratio);
}

OptimiserState Adam::state() const {
  return {{point_.clone(), previous_.clone(), mean_.clone(), square_.clone()},
          {kStateKind, static_cast<double>(steps_), options_.learning_rate}};
}

void Adam::load(const OptimiserState& state) {
  require(state.scalars.size() == 3 && state.scalars[0] == kStateKind && state.tensors.size() == 4,
          "the saved optimiser state is not of Adam; continue with the optimiser that saved it");
  for (const auto& tensor : state.tensors)
    require(tensor.sizes() == state.tensors[0].sizes() && tensor.scalar_type() == point_.scalar_type(),
            "the saved optimiser state mixes sizes or types; start again without it");
  const auto copy = [](const Tensor& tensor) { return tensor.detach().clone(at::MemoryFormat::Contiguous); };
  point_ = copy(state.tensors[0]);
  previous_ = copy(state.tensors[1]);
  mean_ = copy(state.tensors[2]);
  square_ = copy(state.tensors[3]);
  steps_ = static_cast<std::int64_t>(state.scalars[1]);
  set_learning_rate(state.scalars[2]);
}

}  // namespace atelier
