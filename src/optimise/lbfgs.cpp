#include "optimise/lbfgs.h"

#include <cmath>
#include <vector>

#include "atelier/error.h"
#include "tensor/vector_math.h"

namespace atelier {
namespace {

constexpr double kStateKind = 1;  // first scalar of the state, tells L-BFGS from Adam

// Pairs whose curvature is lost in rounding would spoil the direction.
bool is_usable(double curvature, double step_squared, double change_squared) {
  return std::isfinite(curvature) && curvature > 1e-10 * std::sqrt(step_squared * change_squared);
}

}  // namespace

Lbfgs::Lbfgs(const Tensor& start, const LbfgsOptions& options) : options_(options) {
  require(start.defined() && start.numel() > 0 && start.is_floating_point() && start.isfinite().all().item<bool>(),
          "L-BFGS: the starting point must be non-empty and finite; check the picture it starts from");
  require(options.history > 0 && options.first_step > 0 && options.wolfe.max_evaluations > 0,
          "L-BFGS: history, first step and evaluations must be positive; raise them");
  point_ = start.detach().clone(at::MemoryFormat::Contiguous);
}

Tensor Lbfgs::checked(Tensor gradient) const {
  require(gradient.defined() && gradient.sizes() == point_.sizes() && gradient.scalar_type() == point_.scalar_type(),
          "L-BFGS: the gradient has not the point's shape and type; check the objective");
  return gradient.detach().contiguous();
}

bool Lbfgs::evaluate_here(const Objective& objective, OptimiserStep& result) {
  auto [loss, gradient] = objective(point_);
  ++result.evaluations;
  gradient = checked(std::move(gradient));
  const bool finite = std::isfinite(loss) && std::isfinite(scalar_product(gradient, gradient));
  if (!finite) {
    ++result.rejected;
    return false;
  }
  loss_ = loss;
  gradient_ = std::move(gradient);
  return true;
}

OptimiserStep Lbfgs::step(const Objective& objective) {
  OptimiserStep result;
  if (!gradient_.defined() && !evaluate_here(objective, result)) {
    result.loss = std::nan("");
    result.status = StepStatus::kNotFinite;
    return result;
  }
  bool moved = search(objective, result);
  if (!moved && !pairs_.empty()) {
    pairs_.clear();
    moved = search(objective, result);
  }
  result.loss = loss_;
  result.gradient_norm = std::sqrt(scalar_product(gradient_, gradient_));
  return result;
}

// One line search; sets the status and tells whether the point moved.
bool Lbfgs::search(const Objective& objective, OptimiserStep& result) {
  const double norm_squared = scalar_product(gradient_, gradient_);
  result.status = StepStatus::kConverged;
  if (norm_squared == 0) return false;
  auto direction = search_direction();
  const LineSample start{0, loss_, scalar_product(gradient_, direction), {}};
  if (!(start.slope < 0)) return false;
  if (!trial_.defined()) trial_ = torch::empty_like(point_);
  const auto along = [&](double step) {
    at::add_out(trial_, point_, direction, step);
    auto [loss, gradient] = objective(trial_);
    gradient = checked(std::move(gradient));
    const double slope = scalar_product(gradient, direction);
    return LineSample{step, loss, slope, std::move(gradient)};
  };
  const double first = pairs_.empty() ? options_.first_step * std::sqrt(point_.numel() / norm_squared) : 1.0;
  const auto found = strong_wolfe(along, start, first, options_.wolfe);
  result.evaluations += found.evaluations;
  result.rejected += found.rejected;
  if (!found.accepted) {
    if (found.rejected == found.evaluations) result.status = StepStatus::kNotFinite;
    spare_ = std::move(direction);
    return false;
  }
  result.step = found.accepted->step;
  result.status = StepStatus::kMoved;
  move(std::move(direction), *found.accepted);
  return true;
}

// Algorithm 7.4, the two-loop recursion, scaled by eq. 7.20.
Tensor Lbfgs::search_direction() {
  if (!spare_.defined()) spare_ = torch::empty_like(point_);
  auto direction = std::move(spare_);
  spare_.reset();
  at::neg_out(direction, gradient_);
  std::vector<double> weights(pairs_.size());
  for (std::size_t i = pairs_.size(); i-- > 0;) {
    weights[i] = scalar_product(pairs_[i].step, direction) / pairs_[i].curvature;
    direction.add_(pairs_[i].change, -weights[i]);
  }
  if (!pairs_.empty()) {
    const auto& newest = pairs_.back();
    direction.mul_(newest.curvature / scalar_product(newest.change, newest.change));
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i)
    direction.add_(pairs_[i].step, weights[i] - scalar_product(pairs_[i].change, direction) / pairs_[i].curvature);
  return direction;
}

void Lbfgs::move(Tensor direction, const LineSample& at) {
  point_.add_(direction, at.step);
  auto change = gradient_.neg_().add_(at.gradient);
  gradient_ = at.gradient;
  loss_ = at.loss;
  remember(direction.mul_(at.step), std::move(change));
}

void Lbfgs::remember(Tensor step, Tensor change) {
  const double curvature = scalar_product(step, change);
  if (!is_usable(curvature, scalar_product(step, step), scalar_product(change, change))) {
    spare_ = std::move(step);
    return;
  }
  pairs_.push_back({std::move(step), std::move(change), curvature});
  if (pairs() <= options_.history) return;
  spare_ = std::move(pairs_.front().step);
  pairs_.pop_front();
}

void Lbfgs::resize_state(const std::function<Tensor(const Tensor&)>& resize) {
  const auto resized = [&](const Tensor& vector) { return resize(vector).to(vector.scalar_type()).contiguous(); };
  const double before = static_cast<double>(point_.numel());
  point_ = resized(point_).clone();
  trial_.reset();
  spare_.reset();
  forget_objective();
  const auto old = std::move(pairs_);
  pairs_.clear();
  for (const auto& pair : old) remember(resized(pair.step), resized(pair.change) * (before / point_.numel()));
  spare_.reset();
}

OptimiserState Lbfgs::state() const {
  OptimiserState state;
  state.scalars = {kStateKind, loss_, gradient_.defined() ? 1.0 : 0.0};
  state.tensors.push_back(point_.clone());
  if (gradient_.defined()) state.tensors.push_back(gradient_.clone());
  for (const auto& pair : pairs_) {
    state.tensors.push_back(pair.step.clone());
    state.tensors.push_back(pair.change.clone());
  }
  return state;
}

void Lbfgs::load(const OptimiserState& state) {
  const std::size_t head = state.scalars.size() == 3 && state.scalars[2] == 1 ? 2 : 1;
  require(state.scalars.size() == 3 && state.scalars[0] == kStateKind && state.tensors.size() >= head &&
              (state.tensors.size() - head) % 2 == 0,
          "the saved optimiser state is not of L-BFGS; continue with the optimiser that saved it");
  for (const auto& tensor : state.tensors)
    require(tensor.sizes() == state.tensors[0].sizes() && tensor.scalar_type() == point_.scalar_type(),
            "the saved optimiser state mixes sizes or types; start again without it");
  const auto copy = [](const Tensor& tensor) { return tensor.detach().clone(at::MemoryFormat::Contiguous); };
  point_ = copy(state.tensors[0]);
  gradient_ = head == 2 ? copy(state.tensors[1]) : Tensor();
  loss_ = state.scalars[1];
  trial_.reset();
  spare_.reset();
  pairs_.clear();
  for (std::size_t i = head; i < state.tensors.size(); i += 2)
    remember(copy(state.tensors[i]), copy(state.tensors[i + 1]));
}

}  // namespace atelier
