#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"
#include "training/process_role.h"

namespace atelier {

/// The processes that train one model together, connected by Gloo, LibTorch's backend for processors. All of them make
/// the same calls in the same order, with tensors of the same shapes; alone, every call leaves things as they are. The
/// connection has neither password nor encryption: it belongs into a network that is trusted.
/// @throws Error (kFailure), from every call, when another process has ended, cannot be reached or is overdue.
class ProcessGroup {
 public:
  /// Meets the others. @throws Error for what check_role() refuses, and (kFailure) when they do not come.
  explicit ProcessGroup(const ProcessRole& role);
  ~ProcessGroup();
  ProcessGroup(ProcessGroup&&) = delete;

  bool alone() const { return role_.processes == 1; }
  bool leads() const { return role_.rank == 0; }
  const ProcessRole& role() const { return role_; }

  /// Replaces `tensor`, of any shape and floating type, by its sum over the processes.
  void sum(Tensor& tensor) const;
  /// Replaces each tensor, float32, by its mean over the processes; one exchange for all.
  void average(const std::vector<Tensor>& tensors) const;
  /// Replaces the gradients of `parameters` by their means over the processes. A gradient that is missing here and
  /// present elsewhere counts as zero; one that is missing everywhere stays missing.
  void average_gradients(const std::vector<std::pair<std::string, Tensor>>& parameters) const;
  /// A copy of what the first process has.
  Tensor of_first(const Tensor& tensor) const;
  std::string of_first(const std::string& text) const;

 private:
  struct Link;

  ProcessRole role_;
  std::unique_ptr<Link> link_;  ///< none for a process alone
};

}  // namespace atelier
