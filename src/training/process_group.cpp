#include "training/process_group.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "atelier/error.h"
#include "training/meeting_address.h"

#ifdef ATELIER_GLOO
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace atelier {
namespace {

constexpr int kMostPatience = 1'000'000;  // seconds

bool is_file(const std::string& meeting) { return meeting.find('/') != std::string::npos; }

#ifdef ATELIER_GLOO

/// What LibTorch says, without its place in the source and its stack trace.
std::string reason(const std::exception& fault) {
  std::string text = fault.what();
  text = text.substr(0, text.find('\n'));
  const auto place = text.starts_with("[") ? text.find("] ") : std::string::npos;
  return place == std::string::npos ? text : text.substr(place + 2);
}

constexpr std::chrono::milliseconds kAttempt{300}, kPause{200}, kLook{50};

/// How long the others are waited for at the start.
class Waiting {
 public:
  explicit Waiting(const ProcessRole& role)
      : role_(role), end_(Clock::now() + std::chrono::milliseconds(std::llround(role.patience * 1000))) {}

  bool is_over() const { return Clock::now() >= end_; }
  void require_wanted() const {
    if (role_.keep_waiting && !role_.keep_waiting())
      throw Error("stopped while the other processes were waited for; start all of them again", ErrorKind::kStopped);
  }

 private:
  using Clock = std::chrono::steady_clock;

  const ProcessRole& role_;
  Clock::time_point end_;
};

#endif

}  // namespace

void check_role(const ProcessRole& role) {
  require(role.processes >= 1, "a training needs at least one process; give --processes or --world 1 or more");
  require(role.rank == 0 || role.processes > 1,
          "rank " + std::to_string(role.rank) + " is none of one process; give --world N with it");
  require(role.rank >= 0 && role.rank < role.processes,
          "rank " + std::to_string(role.rank) + " is none of " + std::to_string(role.processes) +
              " processes; count the ranks from 0 to " + std::to_string(role.processes - 1));
  require(role.patience > 0 && role.patience <= kMostPatience,
          "the time to wait for other processes must be positive, and " + std::to_string(kMostPatience) +
              " seconds at most");
  if (role.processes == 1) return;
  if (!is_file(role.meeting)) parse_meeting_address(role.meeting);
#ifndef ATELIER_GLOO
  throw Error(
      "this build's LibTorch lacks Gloo, by which processes train together; train in one, or build with libgloo-dev");
#endif
}

#ifdef ATELIER_GLOO

struct ProcessGroup::Link {
  explicit Link(const ProcessRole& role) {
    const auto patience = std::chrono::milliseconds(std::llround(role.patience * 1000));
    auto options = c10d::ProcessGroupGloo::Options::create(patience);
    const auto address = is_file(role.meeting) ? MeetingAddress{"127.0.0.1", 1} : parse_meeting_address(role.meeting);
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(local_address(address)));
    try {
      const Waiting waiting(role);
      if (role.rank > 0 && !is_file(role.meeting)) wait_for_first(address, waiting);
      const auto store = place_to_meet(role, address, patience);
      meet(*store, role, waiting);
      store->setTimeout(patience);
      gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, role.rank, role.processes, options);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& fault) {
      throw Error("the " + std::to_string(role.processes) + " processes have not met at " + role.meeting + " (" +
                      reason(fault) + "); start all of them, each with a rank of its own",
                  ErrorKind::kFailure);
    }
  }

  /// Returns when rank 0 can be reached. LibTorch would wait for it too, but deaf to those who want to stop.
  static void wait_for_first(const MeetingAddress& address, const Waiting& waiting) {
    while (!is_listening(address, kAttempt)) {
      if (waiting.is_over()) throw std::runtime_error("rank 0 cannot be reached there");
      waiting.require_wanted();
      std::this_thread::sleep_for(kPause);
    }
  }

  static c10::intrusive_ptr<c10d::Store> place_to_meet(const ProcessRole& role, const MeetingAddress& address,
                                                       std::chrono::milliseconds patience) {
    if (is_file(role.meeting)) return c10::make_intrusive<c10d::FileStore>(role.meeting, role.processes);
    c10d::TCPStoreOptions options;
    options.port = address.port;
    options.isServer = role.rank == 0;
    options.numWorkers = static_cast<std::size_t>(role.processes);
    options.waitWorkers = false;  // meet() does
    options.timeout = patience;
    return c10::make_intrusive<c10d::TCPStore>(address.host, options);
  }

  /// Returns when all are there, for the same reason.
  static void meet(c10d::Store& store, const ProcessRole& role, const Waiting& waiting) {
    std::vector<std::string> places;
    for (int rank = 0; rank < role.processes; ++rank) places.push_back("there/" + std::to_string(rank));
    const auto& own = places[static_cast<std::size_t>(role.rank)];
    store.set(own, {1});
    try {
      while (!store.check(places)) {
        if (waiting.is_over()) throw std::runtime_error("not all have come in time");
        waiting.require_wanted();
        std::this_thread::sleep_for(kLook);
      }
    } catch (const std::exception&) {
      withdraw(store, own);
      throw;
    }
  }

  /// Otherwise the others would believe that all are there.
  static void withdraw(c10d::Store& store, const std::string& own) try {
    store.deleteKey(own);
  } catch (const std::exception&) {  // the place to meet is gone, too
  }

  void sum(const Tensor& contiguous) const {
    finish([&](auto& tensors) { return gloo->allreduce(tensors); }, contiguous);
  }

  void take_from_first(const Tensor& contiguous) const {
    finish([&](auto& tensors) { return gloo->broadcast(tensors); }, contiguous);
  }

  template <typename Exchange>
  static void finish(const Exchange& exchange, const Tensor& contiguous) try {
    std::vector<Tensor> tensors{contiguous};
    exchange(tensors)->wait();
  } catch (const std::exception& fault) {
    throw Error("another process of this training has ended or cannot be reached (" + reason(fault) +
                    "); the last checkpoint is intact, continue with --resume",
                ErrorKind::kFailure);
  }

  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

#else

/// Never made: check_role() refuses.
struct ProcessGroup::Link {
  explicit Link(const ProcessRole&) {}
  void sum(const Tensor&) const {}
  void take_from_first(const Tensor&) const {}
};

#endif

ProcessGroup::ProcessGroup(const ProcessRole& role) : role_(role) {
  check_role(role);
  if (!alone()) link_ = std::make_unique<Link>(role);
}

ProcessGroup::~ProcessGroup() = default;

void ProcessGroup::sum(Tensor& tensor) const {
  if (alone()) return;
  auto whole = tensor.detach().contiguous();
  link_->sum(whole);
  tensor = whole;
}

void ProcessGroup::average(const std::vector<Tensor>& tensors) const {
  if (alone() || tensors.empty()) return;
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> rows;
  for (const auto& tensor : tensors) rows.push_back(tensor.detach().flatten().to(torch::kCPU));
  auto all = torch::cat(rows);
  link_->sum(all);
  all.div_(role_.processes);
  std::int64_t begin = 0;
  for (const auto& tensor : tensors) {
    tensor.detach().copy_(all.narrow(0, begin, tensor.numel()).view(tensor.sizes()));
    begin += tensor.numel();
  }
}

void ProcessGroup::average_gradients(const std::vector<std::pair<std::string, Tensor>>& parameters) const {
  if (alone()) return;
  auto present = torch::zeros({static_cast<std::int64_t>(parameters.size())});
  std::vector<Tensor> gradients;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    auto& gradient = Tensor(parameters[i].second).mutable_grad();
    if (gradient.defined()) present[static_cast<std::int64_t>(i)] = 1;
    gradients.push_back(gradient.defined() ? gradient.contiguous() : torch::zeros_like(parameters[i].second));
  }
  gradients.push_back(present);
  average(gradients);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (present[static_cast<std::int64_t>(i)].item<float>() > 0)
      Tensor(parameters[i].second).mutable_grad() = gradients[i];
}

Tensor ProcessGroup::of_first(const Tensor& tensor) const {
  auto copy = tensor.detach().to(torch::kCPU).clone(at::MemoryFormat::Contiguous);
  if (!alone()) link_->take_from_first(copy);
  return copy;
}

std::string ProcessGroup::of_first(const std::string& text) const {
  const auto size = of_first(torch::tensor(static_cast<std::int64_t>(text.size()))).item<std::int64_t>();
  auto bytes = torch::zeros({size}, torch::kByte);
  if (leads()) std::copy(text.begin(), text.end(), bytes.data_ptr<std::uint8_t>());
  const auto first = of_first(bytes);
  return {reinterpret_cast<const char*>(first.data_ptr<std::uint8_t>()), static_cast<std::size_t>(size)};
}

}  // namespace atelier
