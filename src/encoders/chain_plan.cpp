#include "encoders/chain_plan.h"

#include <torch/torch.h>

#include "atelier/error.h"

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

memory plain_view(const Tensor& tensor) {
  const auto tag = tensor.dim() == 1 ? memory::format_tag::x : memory::format_tag::nchw;
  return {memory::desc(dims_of(tensor), memory::data_type::f32, tag), cpu(), tensor.data_ptr()};
}

/// Converts layout and type; with `add`, adds to what `to` holds.
void convert(dnnl::stream& stream, const memory& from, memory& to, bool add = false) {
  dnnl::primitive_attr attributes;
  if (add) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  const dnnl::reorder::primitive_desc description(from, to, attributes);
  dnnl::reorder(description).execute(stream, const_cast<memory&>(from), to);
}

memory converted(dnnl::stream& stream, const memory& from, const memory::desc& wanted) {
  if (from.get_desc() == wanted) return from;
  memory to(wanted, cpu());
  convert(stream, from, to);
  return to;
}

/// 2×2 pooling before a block.
struct PoolStage {
  dnnl::pooling_forward::primitive_desc forward;
  dnnl::pooling_backward::primitive_desc backward;

  PoolStage(const memory::desc& source, const memory::dims& result, Pooling pooling)
      : forward({prop_kind::forward_training,
                 kind(pooling),
                 source,
                 any_layout(result, source.data_type()),
                 {2, 2},
                 {2, 2},
                 {0, 0},
                 {0, 0}},
                cpu()),
        backward({kind(pooling), source, forward.dst_desc(), {2, 2}, {2, 2}, {0, 0}, {0, 0}}, cpu(), forward) {}

  static algorithm kind(Pooling pooling) {
    return pooling == Pooling::kMax ? algorithm::pooling_max : algorithm::pooling_avg_exclude_padding;
  }
};

/// One convolution with its ReLU, both directions, weights in the layouts that each wants.
struct ConvStage {
  dnnl::convolution_forward::primitive_desc forward;
  dnnl::convolution_backward_data::primitive_desc backward;
  dnnl::eltwise_backward::primitive_desc relu_backward;
  memory forward_weight, backward_weight, bias;

  ConvStage(const ChainLayer& layer, const memory::dims& source, memory::data_type type, bool first,
            dnnl::stream& stream)
      : forward(forward_description(layer, source, type)),
        backward({algorithm::convolution_direct,
                  any_layout(source, first ? memory::data_type::f32 : type),
                  any_layout(dims_of(layer.weight), type),
                  any_layout(result_dims(layer, source), type),
                  {1, 1},
                  {1, 1},
                  {1, 1}},
                 cpu(), forward),
        relu_backward(relu_description(forward.dst_desc(), backward.diff_dst_desc())) {
    const auto weight = layer.weight.detach().to(torch::kFloat).contiguous();
    forward_weight = converted(stream, plain_view(weight), forward.weights_desc());
    backward_weight = converted(stream, plain_view(weight), backward.weights_desc());
    const auto offset = layer.bias.detach().to(torch::kFloat).contiguous();
    bias = memory(forward.bias_desc(), cpu());
    auto view = plain_view(offset);
    convert(stream, view, bias);
    stream.wait();
  }

  static memory::dims result_dims(const ChainLayer& layer, const memory::dims& source) {
    return {source[0], layer.weight.size(0), source[2], source[3]};
  }

  static dnnl::convolution_forward::primitive_desc forward_description(const ChainLayer& layer,
                                                                       const memory::dims& source,
                                                                       memory::data_type type) {
    dnnl::post_ops relu;
    relu.append_eltwise(1.0f, algorithm::eltwise_relu, 0.0f, 0.0f);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(relu);
    const dnnl::convolution_forward::desc description(
        prop_kind::forward_training, algorithm::convolution_direct, any_layout(source, type),
        any_layout(dims_of(layer.weight), type),
        memory::desc(dims_of(layer.bias), memory::data_type::f32, memory::format_tag::x),
        any_layout(result_dims(layer, source), type), {1, 1}, {1, 1}, {1, 1});
    return {description, attributes, cpu()};
  }

  static dnnl::eltwise_backward::primitive_desc relu_description(const memory::desc& data,
                                                                 const memory::desc& gradient) {
    const auto kind = algorithm::eltwise_relu_use_dst_for_bwd;
    const dnnl::eltwise_forward::primitive_desc hint({prop_kind::forward_training, kind, data, 0.0f, 0.0f}, cpu());
    return {{kind, gradient, data, 0.0f, 0.0f}, cpu(), hint};
  }
};

memory run_pool(dnnl::stream& stream, PoolStage& pool, const memory& x, memory& workspace) {
  memory result(pool.forward.dst_desc(), cpu());
  std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, result}};
  if (pool.forward.workspace_desc().get_size() > 0) {
    workspace = memory(pool.forward.workspace_desc(), cpu());
    arguments.emplace(DNNL_ARG_WORKSPACE, workspace);
  }
  dnnl::pooling_forward(pool.forward).execute(stream, arguments);
  return result;
}

memory run_conv(dnnl::stream& stream, ConvStage& conv, const memory& x) {
  memory result(conv.forward.dst_desc(), cpu());
  dnnl::convolution_forward(conv.forward)
      .execute(stream, {{DNNL_ARG_SRC, converted(stream, x, conv.forward.src_desc())},
                        {DNNL_ARG_WEIGHTS, conv.forward_weight},
                        {DNNL_ARG_BIAS, conv.bias},
                        {DNNL_ARG_DST, result}});
  return result;
}

/// Overwrites `gradient` by its ReLU's part.
memory back_through_conv(dnnl::stream& stream, ConvStage& conv, const memory& activation, memory& gradient) {
  dnnl::eltwise_backward(conv.relu_backward)
      .execute(stream, {{DNNL_ARG_DST, activation}, {DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_DIFF_SRC, gradient}});
  memory result(conv.backward.diff_src_desc(), cpu());
  dnnl::convolution_backward_data(conv.backward)
      .execute(stream,
               {{DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_WEIGHTS, conv.backward_weight}, {DNNL_ARG_DIFF_SRC, result}});
  return result;
}

memory back_through_pool(dnnl::stream& stream, PoolStage& pool, const memory& workspace, const memory& gradient) {
  memory result(pool.backward.diff_src_desc(), cpu());
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_DIFF_DST, converted(stream, gradient, pool.backward.diff_dst_desc())}, {DNNL_ARG_DIFF_SRC, result}};
  if (pool.forward.workspace_desc().get_size() > 0) arguments.emplace(DNNL_ARG_WORKSPACE, workspace);
  dnnl::pooling_backward(pool.backward).execute(stream, arguments);
  return result;
}

}  // namespace

struct ChainStage {
  std::unique_ptr<PoolStage> pool;
  std::unique_ptr<ConvStage> conv;
};

ChainPlan::ChainPlan(const ConvChain& chain, std::size_t layers, const ChainInput& input, Pooling pooling, bool bf16)
    : stream_(cpu()), source_{input.batch, 3, input.height, input.width} {
  const auto type = bf16 ? memory::data_type::bf16 : memory::data_type::f32;
  memory::dims dims = source_;
  memory::desc last;
  for (std::size_t i = 0; i < layers; ++i) {
    const auto& layer = chain.layers[i];
    ChainStage stage;
    if (layer.pool_before) {
      require(dims[2] > 1 && dims[3] > 1, "the picture is too small for " + layer.name + "; use a larger size");
      dims[2] /= 2;
      dims[3] /= 2;
      stage.pool = std::make_unique<PoolStage>(last, dims, pooling);
    }
    stage.conv = std::make_unique<ConvStage>(layer, dims, type, i == 0, stream_);
    dims[1] = layer.weight.size(0);
    last = stage.conv->forward.dst_desc();
    stages_.push_back(std::move(stage));
  }
}

ChainPlan::~ChainPlan() = default;

std::shared_ptr<ChainActivations> ChainPlan::forward(const Tensor& preprocessed) {
  auto kept = std::make_shared<ChainActivations>();
  memory x = plain_view(preprocessed);
  for (auto& stage : stages_) {
    kept->pool_workspace.emplace_back();
    if (stage.pool) x = run_pool(stream_, *stage.pool, x, kept->pool_workspace.back());
    x = run_conv(stream_, *stage.conv, x);
    kept->after_relu.push_back(x);
  }
  stream_.wait();
  return kept;
}

Tensor ChainPlan::feature(const ChainActivations& kept, std::size_t layer) {
  const auto dims = kept.after_relu[layer].get_desc().dims();
  auto tensor = torch::empty({dims[0], dims[1], dims[2], dims[3]});
  auto view = plain_view(tensor);
  convert(stream_, kept.after_relu[layer], view);
  stream_.wait();
  return tensor;
}

Tensor ChainPlan::backward(const ChainActivations& kept, const std::vector<Tensor>& gradients) {
  memory flowing;  // gradient of the current layer's output
  bool any = false;
  for (std::size_t i = stages_.size(); i-- > 0;) {
    auto& stage = stages_[i];
    if (gradients[i].defined()) {
      const auto plain = gradients[i].to(torch::kFloat).contiguous();
      if (!any) flowing = memory(stage.conv->backward.diff_dst_desc(), cpu());
      convert(stream_, plain_view(plain), flowing, any);
      stream_.wait();
      any = true;
    }
    if (!any) continue;
    flowing = back_through_conv(stream_, *stage.conv, kept.after_relu[i], flowing);
    if (stage.pool) flowing = back_through_pool(stream_, *stage.pool, kept.pool_workspace[i], flowing);
    if (i > 0) flowing = converted(stream_, flowing, stages_[i - 1].conv->backward.diff_dst_desc());
  }
  auto result = torch::zeros({source_[0], source_[1], source_[2], source_[3]});
  if (any) {
    auto view = plain_view(result);
    convert(stream_, flowing, view);
  }
  stream_.wait();
  return result;
}

}  // namespace atelier
