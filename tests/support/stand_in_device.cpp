#include "support/stand_in_device.h"

#include <ATen/EmptyTensor.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/torch.h>

#include <cstdlib>
#include <vector>

namespace atelier::test {
namespace {

constexpr auto kHere = c10::DeviceType::PrivateUse1;
constexpr auto kKeys = c10::DispatchKeySet(c10::DispatchKey::PrivateUse1);

C10_REGISTER_GUARD_IMPL(PrivateUse1, c10::impl::NoOpDeviceGuardImpl<kHere>);

/// Main memory, said to lie on the device.
class Memory final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) const override {
    void* at = bytes == 0 ? nullptr : std::aligned_alloc(64, (bytes + 63) / 64 * 64);
    return {at, at, &std::free, stand_in_device()};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &std::free; }
};

Memory& memory() {
  static Memory one;
  return one;
}

bool here(const at::Tensor& tensor) { return tensor.defined() && tensor.device().type() == kHere; }

at::Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                 c10::optional<at::Device>, c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &memory(), kKeys, type.value_or(at::kFloat), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, c10::optional<at::ScalarType> type,
                         c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &memory(), kKeys, type.value_or(at::kFloat));
}

/// The same memory as a tensor of the processor; of an empty one, another, which operations may enlarge.
at::Tensor on_processor(const at::Tensor& tensor) {
  if (!here(tensor)) return tensor;
  if (tensor.numel() == 0) return at::empty(tensor.sizes(), at::TensorOptions(tensor.dtype()));
  return at::from_blob(
      tensor.data_ptr(), tensor.sizes(), tensor.strides(), [tensor](void*) {}, at::TensorOptions(tensor.dtype()));
}

at::Tensor moved_here(const at::Tensor& tensor) {
  if (!tensor.defined() || here(tensor)) return tensor;
  const at::Tensor moved =
      at::detail::empty_strided_generic(tensor.sizes(), tensor.strides(), &memory(), kKeys, tensor.scalar_type());
  on_processor(moved).copy_(tensor);
  return moved;
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
  on_processor(to).copy_(on_processor(from));
  return to;
}

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                       at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, std::int64_t groups) {
  const auto offset = bias ? on_processor(*bias) : at::Tensor();
  return moved_here(at::convolution(on_processor(x), on_processor(weight), offset, stride, padding, dilation,
                                    transposed, output_padding, groups));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(const at::Tensor& gradient, const at::Tensor& x,
                                                                    const at::Tensor& weight, at::IntArrayRef stride,
                                                                    at::IntArrayRef padding, at::IntArrayRef dilation,
                                                                    bool transposed, at::IntArrayRef output_padding,
                                                                    std::int64_t groups, std::array<bool, 3> wanted) {
  const std::vector<std::int64_t> offsets{weight.size(transposed ? 1 : 0) * (transposed ? groups : 1)};
  const auto all =
      at::convolution_backward(on_processor(gradient), on_processor(x), on_processor(weight), at::IntArrayRef(offsets),
                               stride, padding, dilation, transposed, output_padding, groups, wanted);
  return {moved_here(std::get<0>(all)), moved_here(std::get<1>(all)), moved_here(std::get<2>(all))};
}

/// One operation on the processor, after a look at where its tensors lie.
class Operation {
 public:
  explicit Operation(const c10::OperatorHandle& handle) : handle_(handle) {}

  void run(torch::jit::Stack& stack) {
    const auto count = handle_.schema().arguments().size();
    for (auto i = stack.size() - count; i < stack.size(); ++i) stack[i] = given(stack[i]);
    handle_.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), &stack);
    const auto results = handle_.schema().returns().size();
    for (auto i = stack.size() - results; i < stack.size(); ++i) stack[i] = made(stack[i]);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    TORCH_CHECK(false, handle_.schema().name(), " ", what);
    std::abort();
  }

  c10::IValue given(const c10::IValue& value) {
    if (value.isTensor()) return given(value.toTensor());
    if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(given(tensor));
      return list;
    }
    if (value.isOptionalTensorList()) {
      c10::List<c10::optional<at::Tensor>> list;
      for (const auto& tensor : value.toOptionalTensorVector())
        list.push_back(tensor ? c10::optional<at::Tensor>(on_processor(*tensor)) : tensor);  // indices may lie anywhere
      return list;
    }
    if (value.isDevice()) return c10::Device(c10::kCPU);
    if (value.isGenerator()) refuse("draws on the device with a generator of the processor");
    return value;
  }

  at::Tensor given(const at::Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    if (!here(tensor)) {
      if (tensor.dim() > 0) refuse("mixes tensors of the processor with those of the device");
      return tensor;
    }
    auto seen = on_processor(tensor);
    pairs_.emplace_back(seen, tensor);
    return seen;
  }

  c10::IValue made(const c10::IValue& value) const {
    if (value.isTensor()) return made(value.toTensor());
    if (!value.isTensorList()) return value;
    c10::List<at::Tensor> list;
    for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(made(tensor));
    return list;
  }

  at::Tensor made(const at::Tensor& tensor) const {
    if (!tensor.defined()) return tensor;
    for (const auto& [seen, own] : pairs_) {
      if (tensor.is_same(seen)) return enlarged(own, seen);
      if (tensor.is_alias_of(seen)) refuse("is a view, which this stand-in does not know");
    }
    return moved_here(tensor);
  }

  /// An empty result that was given to be filled.
  static at::Tensor enlarged(const at::Tensor& own, const at::Tensor& seen) {
    if (own.sizes() == seen.sizes()) return own;
    const auto moved = moved_here(seen);
    own.unsafeGetTensorImpl()->set_storage_keep_dtype(moved.storage());
    own.unsafeGetTensorImpl()->set_sizes_and_strides(moved.sizes(), moved.strides());
    return own;
  }

  const c10::OperatorHandle& handle_;
  std::vector<std::pair<at::Tensor, at::Tensor>> pairs_;
};

void run(const c10::OperatorHandle& handle, torch::jit::Stack* stack) { Operation(handle).run(*stack); }

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) { library.fallback(torch::CppFunction::makeFromBoxedFunction<&run>()); }

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("_copy_from", copy_from);
  library.impl("convolution_overrideable", convolution);
  library.impl("convolution_backward_overrideable", convolution_backward);
  library.impl("view", at::native::view);
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("unfold", at::native::unfold);
}

}  // namespace

torch::Device stand_in_device() { return {kHere, 0}; }

}  // namespace atelier::test
