#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"
#include "weights/weight_set.h"

namespace atelier {

/// How long Adam remembers: the decays of its two moments. The defaults are Kingma & Ba's.
struct AdamDecays {
  double first = 0.9, second = 0.999;
};

/// Adam (Kingma & Ba 2015) or AdamW (Loshchilov & Hutter, ICLR 2019) over named parameters, with an exponential moving
/// average of the weights (Polyak & Juditsky 1992) and norm clipping (Pascanu et al. 2013). Its whole state goes into
/// and comes from a checkpoint.
class AdamAverage {
 public:
  /// The tensors are updated in place and must require gradients.
  explicit AdamAverage(std::vector<std::pair<std::string, Tensor>> parameters, const AdamDecays& decays = {});

  /// What a step takes off each weight of a convolution, relative to it and to the learning rate; 0 at first. Tensors
  /// of one or two dimensions, which are biases and the scales and shifts of norms (of several styles: a row each),
  /// are left alone, unlike in the paper: their size does not make a network less smooth.
  void set_weight_decay(double decay) { weight_decay_ = decay; }

  /// Multiplies the learning rate of each parameter, by its name; all are 1 at first.
  void set_rate_factors(const std::function<double(const std::string&)>& factor_of);

  /// One update from the parameters' .grad(), which is then cleared. A gradient that is not
  /// finite is discarded. @return whether the update was made.
  bool step(double learning_rate, double clip_norm = 1.0);

  /// Sets every parameter, and its average, to the model's tensor of the name that `name_in_model` gives for its own.
  /// @throws Error when `model` lacks one or has it in another shape.
  void start_from(const WeightSet& model, const std::function<std::string(const std::string&)>& name_in_model);

  /// Sets every parameter to its average and forgets the moments: the way out after bad steps.
  void return_to_average();

  /// The averaged value of a parameter.
  const Tensor& average(std::size_t index) const { return average_[index]; }
  const std::vector<std::pair<std::string, Tensor>>& parameters() const { return parameters_; }

  /// Parameters, moments and averages as "parameter/NAME", "first/NAME", "second/NAME", "average/NAME".
  /// @param prefix  before each of these names.
  std::vector<std::pair<std::string, Tensor>> state(const std::string& prefix = "") const;
  /// @throws Error when `saved` does not hold exactly this optimiser's tensors and shapes.
  void restore(const WeightSet& saved, const std::string& prefix = "");

 private:
  double squares_of_gradients() const;

  std::vector<std::pair<std::string, Tensor>> parameters_;
  std::vector<Tensor> first_, second_, average_;
  std::vector<double> rate_factors_;
  AdamDecays decays_;
  double weight_decay_ = 0;
  std::int64_t updates_ = 0;
};

}  // namespace atelier
