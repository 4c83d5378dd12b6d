#include "encoders/chain_plan.h"

#include <omp.h>
#include <torch/torch.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <optional>

#include "atelier/error.h"
#include "tensor/winograd_conv.h"

namespace atelier {
namespace {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory::dims dims_of(const Tensor& tensor) { return {tensor.sizes().begin(), tensor.sizes().end()}; }

memory::desc any_layout(const memory::dims& dims, memory::data_type type) {
  return {dims, type, memory::format_tag::any};
}

/// What flows has its channels last: as fast as oneDNN's own choice, faster where channels are no multiple of 16, and
/// LibTorch's layout too, so that features and gradients go in and out as they are.
memory::desc channels_last(const memory::dims& dims, memory::data_type type) {
  return {dims, type, memory::format_tag::nhwc};
}

memory::data_type type_of(const Tensor& tensor) {
  return tensor.scalar_type() == torch::kBFloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

/// [N, C, H, W] with channels last.
memory view_of(const Tensor& tensor) {
  return {channels_last(dims_of(tensor), type_of(tensor)), cpu(), tensor.data_ptr()};
}

/// A bias, or a weight as it is stored.
memory parameter_view(const Tensor& tensor) {
  const auto tag = tensor.dim() == 1 ? memory::format_tag::x : memory::format_tag::oihw;
  return {memory::desc(dims_of(tensor), memory::data_type::f32, tag), cpu(), tensor.data_ptr()};
}

/// A tensor for what has that description, which must be of channels_last().
Tensor room_for(const memory::desc& description) {
  const auto type = description.data_type() == memory::data_type::bf16 ? torch::kBFloat16 : torch::kFloat;
  return torch::empty(description.dims(), torch::dtype(type).memory_format(torch::MemoryFormat::ChannelsLast));
}

/// Converts layout and type; with `add`, adds to what `to` holds.
void convert(dnnl::stream& stream, const memory& from, const memory& to, bool add = false) {
  dnnl::primitive_attr attributes;
  if (add) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  const dnnl::reorder::primitive_desc description(from, to, attributes);
  dnnl::reorder(description).execute(stream, const_cast<memory&>(from), const_cast<memory&>(to));
}

/// The same values in the type of `wanted`, a description of channels_last().
Tensor converted(dnnl::stream& stream, const Tensor& from, const memory::desc& wanted) {
  if (type_of(from) == wanted.data_type()) return from;
  const auto to = room_for(wanted);
  convert(stream, view_of(from), view_of(to));
  return to;
}

/// A primitive that is made once and may run in any thread: its room to work in comes with each call. By oneDNN's own
/// choice that room belongs to a thread, and fresh pages of it would be asked for at every call.
template <typename Primitive>
class Operation {
 public:
  using Description = typename Primitive::primitive_desc;

  explicit Operation(const Description& description) : description_(description), primitive_(description) {}

  const Description* operator->() const { return &description_; }
  const Description& description() const { return description_; }

  void run(dnnl::stream& stream, std::unordered_map<int, memory> arguments) const {
    const auto room = description_.scratchpad_desc();
    const auto bytes = torch::empty({static_cast<std::int64_t>(room.get_size())}, torch::kByte);
    arguments.insert_or_assign(DNNL_ARG_SCRATCHPAD, memory(room, cpu(), bytes.data_ptr()));
    primitive_.execute(stream, arguments);
    stream.wait();
  }

 private:
  Description description_;
  Primitive primitive_;
};

dnnl::primitive_attr own_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

/// 2×2 pooling before a block. The way back is made by make_backward().
class PoolStage {
 public:
  PoolStage(const memory::desc& source, const memory::dims& result, Pooling pooling)
      : forward({{prop_kind::forward_training,
                  kind(pooling),
                  source,
                  channels_last(result, source.data_type()),
                  {2, 2},
                  {2, 2},
                  {0, 0},
                  {0, 0}},
                 own_scratchpad(),
                 cpu()}),
        source_(source),
        kind_(kind(pooling)) {}

  Operation<dnnl::pooling_forward> forward;

  std::optional<Operation<dnnl::pooling_backward>> backward;

  void make_backward() {
    backward.emplace(
        dnnl::pooling_backward::primitive_desc({kind_, source_, forward->dst_desc(), {2, 2}, {2, 2}, {0, 0}, {0, 0}},
                                               own_scratchpad(), cpu(), forward.description()));
  }

 private:
  static algorithm kind(Pooling pooling) {
    return pooling == Pooling::kMax ? algorithm::pooling_max : algorithm::pooling_avg_exclude_padding;
  }

  memory::desc source_;
  algorithm kind_;
};

/// One convolution of what flows, of 3 × 3 and its sides kept: of a layer's input, then with the layer's bias and ReLU;
/// or of its result's gradient by the weights turned round, which makes its input's gradient.
class Convolution {
 public:
  Convolution(ChainWeights& weights, std::size_t index, const memory::dims& source, memory::data_type type,
              WeightUse use) {
    const auto& layer = weights.chain().layers[index];
    const auto made = layer.weight.size(use == WeightUse::kForward ? 0 : 1);
    const bool forward = use == WeightUse::kForward;
    if (type == memory::data_type::f32 && winograd_pays(source[0], source[1], made, source[2], source[3])) {
      transformed_ = weights.for_winograd(index, use);
      if (forward) offset_ = layer.bias.detach().to(torch::kFloat).contiguous();
      rectified_ = forward ? Rectified::kYes : Rectified::kNo;
      return;
    }
    plain_.emplace(description(layer, source, made, type, forward));
    weight_ = weights.in_layout(index, (*plain_)->weights_desc(), use);
    if (forward) bias_ = weights.bias(index);
  }

  Tensor run(dnnl::stream& stream, const Tensor& x) const {
    if (!plain_) return winograd_conv(x, transformed_, offset_, 1, rectified_);
    const auto source = converted(stream, x, (*plain_)->src_desc());
    const auto result = room_for((*plain_)->dst_desc());
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC, view_of(source)}, {DNNL_ARG_WEIGHTS, weight_}, {DNNL_ARG_DST, view_of(result)}};
    if (bias_) arguments.emplace(DNNL_ARG_BIAS, bias_);
    plain_->run(stream, std::move(arguments));
    return result;
  }

 private:
  static dnnl::convolution_forward::primitive_desc description(const ChainLayer& layer, const memory::dims& source,
                                                               std::int64_t made, memory::data_type type,
                                                               bool forward) {
    using Description = dnnl::convolution_forward::desc;
    const auto kind = prop_kind::forward_training;
    const auto method = algorithm::convolution_direct;
    const auto from = channels_last(source, type), to = channels_last({source[0], made, source[2], source[3]}, type);
    const auto weight = any_layout({made, source[1], layer.weight.size(2), layer.weight.size(3)}, type);
    const memory::dims one = {1, 1};
    auto attributes = own_scratchpad();
    if (!forward) return {Description(kind, method, from, weight, to, one, one, one), attributes, cpu()};
    dnnl::post_ops relu;
    relu.append_eltwise(1.0f, algorithm::eltwise_relu, 0.0f, 0.0f);
    attributes.set_post_ops(relu);
    const memory::desc bias({made}, memory::data_type::f32, memory::format_tag::x);
    return {Description(kind, method, from, weight, bias, to, one, one, one), attributes, cpu()};
  }

  Tensor transformed_, offset_;  ///< for Winograd's way
  Rectified rectified_ = Rectified::kNo;
  std::optional<Operation<dnnl::convolution_forward>> plain_;
  memory weight_, bias_;
};

/// The gradient of a convolution's input. oneDNN's own backward is the slower way in float32, and for bfloat16 the one
/// that AMX was measured with.
class ConvGradient {
 public:
  ConvGradient(ChainWeights& weights, std::size_t index, const memory::dims& source, const memory::desc& result) {
    const auto type = result.data_type();
    if (type == memory::data_type::f32) {
      turned_.emplace(weights, index, result.dims(), type, WeightUse::kTurned);
      return;
    }
    const auto& layer = weights.chain().layers[index];
    const auto from = channels_last(source, type), weight = any_layout(dims_of(layer.weight), type);
    const auto wanted = channels_last(source, index == 0 ? memory::data_type::f32 : type);
    const memory::dims one = {1, 1};
    const auto method = algorithm::convolution_direct;
    const dnnl::convolution_forward::primitive_desc hint(
        {prop_kind::forward_training, method, from, weight, result, one, one, one}, cpu());
    backward_.emplace(dnnl::convolution_backward_data::primitive_desc({method, wanted, weight, result, one, one, one},
                                                                      own_scratchpad(), cpu(), hint));
    weight_ = weights.in_layout(index, (*backward_)->weights_desc(), WeightUse::kForward);
  }

  Tensor run(dnnl::stream& stream, const Tensor& gradient) const {
    if (turned_) return turned_->run(stream, gradient);
    const auto result = room_for((*backward_)->diff_src_desc());
    backward_->run(
        stream,
        {{DNNL_ARG_DIFF_DST, view_of(gradient)}, {DNNL_ARG_WEIGHTS, weight_}, {DNNL_ARG_DIFF_SRC, view_of(result)}});
    return result;
  }

 private:
  std::optional<Convolution> turned_;
  std::optional<Operation<dnnl::convolution_backward_data>> backward_;
  memory weight_;
};

/// The way back through one convolution and its ReLU.
struct ConvBackward {
  ConvGradient conv;
  Operation<dnnl::eltwise_backward> relu;
};

/// One convolution with its ReLU, both directions. Most plans never go back, and a primitive takes longer to make than
/// to run.
class ConvStage {
 public:
  ConvStage(ChainWeights& weights, std::size_t index, const memory::dims& source, memory::data_type type)
      : forward(weights, index, source, type, WeightUse::kForward),
        weights_(weights),
        index_(index),
        source_(source),
        result_(channels_last({source[0], weights.chain().layers[index].weight.size(0), source[2], source[3]}, type)) {}

  Convolution forward;
  std::optional<ConvBackward> backward;

  void make_backward() {
    ConvGradient conv(weights_, index_, source_, result_);
    backward.emplace(ConvBackward{std::move(conv), Operation<dnnl::eltwise_backward>(relu_description(result_))});
  }

  /// What it makes.
  const memory::desc& result() const { return result_; }

 private:
  static dnnl::eltwise_backward::primitive_desc relu_description(const memory::desc& data) {
    const auto kind = algorithm::eltwise_relu_use_dst_for_bwd;
    const dnnl::eltwise_forward::primitive_desc hint({prop_kind::forward_training, kind, data, 0.0f, 0.0f}, cpu());
    return {{kind, data, data, 0.0f, 0.0f}, own_scratchpad(), cpu(), hint};
  }

  ChainWeights& weights_;
  std::size_t index_;
  memory::dims source_;
  memory::desc result_;
};

/// What forward pooling remembers for the way back; nothing where `workspace` is undefined.
void add_workspace(std::unordered_map<int, memory>& arguments, const PoolStage& pool, const Tensor& workspace) {
  if (workspace.defined())
    arguments.emplace(DNNL_ARG_WORKSPACE, memory(pool.forward->workspace_desc(), cpu(), workspace.data_ptr()));
}

Tensor run_pool(dnnl::stream& stream, PoolStage& pool, const Tensor& x, Tensor& workspace) {
  const auto result = room_for(pool.forward->dst_desc());
  std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, view_of(x)}, {DNNL_ARG_DST, view_of(result)}};
  const auto bytes = static_cast<std::int64_t>(pool.forward->workspace_desc().get_size());
  if (bytes > 0) workspace = torch::empty({bytes}, torch::kByte);
  add_workspace(arguments, pool, workspace);
  pool.forward.run(stream, std::move(arguments));
  return result;
}

/// Overwrites `gradient` by its ReLU's part.
Tensor back_through_conv(dnnl::stream& stream, ConvStage& conv, const Tensor& activation, const Tensor& gradient) {
  const auto flowing = view_of(gradient);
  conv.backward->relu.run(
      stream, {{DNNL_ARG_DST, view_of(activation)}, {DNNL_ARG_DIFF_DST, flowing}, {DNNL_ARG_DIFF_SRC, flowing}});
  return conv.backward->conv.run(stream, gradient);
}

Tensor back_through_pool(dnnl::stream& stream, PoolStage& pool, const Tensor& workspace, const Tensor& gradient) {
  const auto result = room_for((*pool.backward)->diff_src_desc());
  std::unordered_map<int, memory> arguments{{DNNL_ARG_DIFF_DST, view_of(gradient)},
                                            {DNNL_ARG_DIFF_SRC, view_of(result)}};
  add_workspace(arguments, pool, workspace);
  pool.backward->run(stream, std::move(arguments));
  return result;
}

/// The sum of what flows, if anything does, and what is given, in the type of `wanted`; may overwrite what flows.
Tensor with_gradient(dnnl::stream& stream, const Tensor& flowing, const Tensor& given, const memory::desc& wanted) {
  if (flowing.defined() && wanted.data_type() == memory::data_type::f32) return flowing.add_(given);
  const auto sum = flowing.defined() ? flowing : room_for(wanted);
  convert(stream, view_of(given), view_of(sum), flowing.defined());
  stream.wait();
  return sum;
}

memory copy_of(const Tensor& parameter, const memory::desc& wanted) {
  dnnl::stream stream(cpu());
  memory copy(wanted, cpu());
  convert(stream, parameter_view(parameter), copy);
  stream.wait();
  return copy;
}

}  // namespace

Tensor ChainWeights::used(std::size_t layer, WeightUse use) const {
  const auto plain = chain_.layers[layer].weight.detach().to(torch::kFloat);
  return (use == WeightUse::kTurned ? plain.transpose(0, 1).flip({2, 3}) : plain).contiguous();
}

memory ChainWeights::in_layout(std::size_t layer, const memory::desc& wanted, WeightUse use) {
  const std::lock_guard lock(guard_);
  auto& kept = weights_[layer][use].in_layouts;
  for (const auto& one : kept)
    if (one.get_desc() == wanted) return one;
  return kept.emplace_back(copy_of(used(layer, use), wanted));
}

Tensor ChainWeights::for_winograd(std::size_t layer, WeightUse use) {
  const std::lock_guard lock(guard_);
  auto& kept = weights_[layer][use].for_winograd;
  if (!kept.defined()) kept = winograd_weights(used(layer, use));
  return kept;
}

memory ChainWeights::bias(std::size_t layer) {
  const std::lock_guard lock(guard_);
  if (!biases_[layer]) {
    const auto plain = chain_.layers[layer].bias.detach().to(torch::kFloat).contiguous();
    biases_[layer] = copy_of(plain, parameter_view(plain).get_desc());
  }
  return biases_[layer];
}

struct ChainStage {
  std::unique_ptr<PoolStage> pool;
  std::unique_ptr<ConvStage> conv;
};

namespace {

/// Calls make(i) for every i below `count`, by as many threads as LibTorch computes with. Not by OpenMP: what oneDNN is
/// asked for within a parallel region it plans for one thread.
void make_at_once(std::size_t count, const std::function<void(std::size_t)>& make) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) make(i);
  };
  const int threads = at::get_num_threads(), helping = std::min(threads, static_cast<int>(count)) - 1;
  const auto help = [&] {
    omp_set_num_threads(threads);  // a number of each thread's own, and oneDNN plans for it
    work();
  };
  std::vector<std::future<void>> helpers;
  for (int i = 0; i < helping; ++i) helpers.push_back(std::async(std::launch::async, help));
  work();
  for (auto& helper : helpers) helper.get();
}

/// Input of every layer, pooled already.
std::vector<memory::dims> sources_of(const ConvChain& chain, std::size_t layers, memory::dims dims) {
  std::vector<memory::dims> all;
  for (std::size_t i = 0; i < layers; ++i) {
    const auto& layer = chain.layers[i];
    if (layer.pool_before) {
      require(dims[2] > 1 && dims[3] > 1, "the picture is too small for " + layer.name + "; use a larger size");
      dims[2] /= 2;
      dims[3] /= 2;
    }
    all.push_back(dims);
    dims[1] = layer.weight.size(0);
  }
  return all;
}

}  // namespace

ChainPlan::ChainPlan(std::shared_ptr<ChainWeights> weights, std::size_t layers, const ChainInput& input,
                     Pooling pooling, bool bf16)
    : stream_(cpu()),
      weights_(std::move(weights)),
      source_{input.batch, 3, input.height, input.width},
      stages_(layers) {
  const auto type = bf16 ? memory::data_type::bf16 : memory::data_type::f32;
  const auto sources = sources_of(weights_->chain(), layers, source_);
  make_at_once(layers, [&](std::size_t i) {
    if (weights_->chain().layers[i].pool_before) {
      auto before = sources[i - 1];
      before[1] = sources[i][1];
      stages_[i].pool = std::make_unique<PoolStage>(channels_last(before, type), sources[i], pooling);
    }
    stages_[i].conv = std::make_unique<ConvStage>(*weights_, i, sources[i], type);
  });
}

ChainPlan::~ChainPlan() = default;

std::shared_ptr<ChainActivations> ChainPlan::forward(const Tensor& preprocessed) {
  auto kept = std::make_shared<ChainActivations>();
  Tensor x = preprocessed.contiguous(torch::MemoryFormat::ChannelsLast);
  for (auto& stage : stages_) {
    kept->pool_workspace.emplace_back();
    if (stage.pool) x = run_pool(stream_, *stage.pool, x, kept->pool_workspace.back());
    x = stage.conv->forward.run(stream_, x);
    kept->after_relu.push_back(x);
  }
  stream_.wait();
  return kept;
}

Tensor ChainPlan::feature(const ChainActivations& kept, std::size_t layer) {
  const auto& feature = kept.after_relu[layer];
  const auto result = converted(stream_, feature, channels_last(dims_of(feature), memory::data_type::f32));
  stream_.wait();
  return result.detach();  // not the kept tensor itself, which would then hold a graph that holds it
}

Tensor ChainPlan::backward(const ChainActivations& kept, const std::vector<Tensor>& gradients) {
  std::call_once(backward_made_, [this] {
    make_at_once(stages_.size(), [this](std::size_t i) {
      stages_[i].conv->make_backward();
      if (stages_[i].pool) stages_[i].pool->make_backward();
    });
  });
  Tensor flowing;  // gradient of the current layer's output
  for (std::size_t i = stages_.size(); i-- > 0;) {
    auto& stage = stages_[i];
    if (gradients[i].defined()) {
      const auto given = gradients[i].to(torch::kFloat).contiguous(torch::MemoryFormat::ChannelsLast);
      flowing = with_gradient(stream_, flowing, given, stage.conv->result());
    }
    if (!flowing.defined()) continue;
    require(kept.after_relu[i]._version() == 0,
            "the encoder's features were changed in place before their gradient was taken; change a copy");
    flowing = back_through_conv(stream_, *stage.conv, kept.after_relu[i], flowing);
    if (stage.pool) flowing = back_through_pool(stream_, *stage.pool, kept.pool_workspace[i], flowing);
  }
  stream_.wait();
  return flowing.defined() ? flowing.contiguous() : torch::zeros(source_);
}

}  // namespace atelier
