#include "training/process_group.h"

#include <torch/torch.h>

#include <cmath>

#include "atelier/error.h"

#ifdef ATELIER_GLOO
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace atelier {
namespace {

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

bool is_file(const std::string& meeting) { return meeting.find('/') != std::string::npos; }

/// "host:29500", or "[::1]:29500".
Address parse_address(const std::string& meeting) {
  const auto colon = meeting.rfind(':');
  const auto digits = colon == std::string::npos ? std::string() : meeting.substr(colon + 1);
  const bool number =
      !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos;
  const int port = number ? std::stoi(digits) : 0;
  require(colon != 0 && port >= 1 && port <= 65535,
          "\"" + meeting + "\" is no place to meet; give HOST:PORT with a port from 1 to 65535");
  auto host = meeting.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, static_cast<std::uint16_t>(port)};
}

#ifdef ATELIER_GLOO

/// What LibTorch says, without its place in the source and its stack trace.
std::string reason(const std::exception& fault) {
  std::string text = fault.what();
  text = text.substr(0, text.find('\n'));
  const auto place = text.starts_with("[") ? text.find("] ") : std::string::npos;
  return place == std::string::npos ? text : text.substr(place + 2);
}

/// The address by which this machine is known to `there`. The host name's own address, LibTorch's choice, is often one
/// that no other machine can reach.
std::string local_address(const Address& there) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  if (::getaddrinfo(there.host.c_str(), std::to_string(there.port).c_str(), &hints, &found) != 0)
    throw Error("the host \"" + there.host + "\" is not known; correct the place to meet", ErrorKind::kFailure);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  const int descriptor = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  char name[NI_MAXHOST] = "";
  const bool known =
      descriptor >= 0 && ::connect(descriptor, found->ai_addr, found->ai_addrlen) == 0 &&
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
      ::getnameinfo(reinterpret_cast<sockaddr*>(&own), length, name, sizeof name, nullptr, 0, NI_NUMERICHOST) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!known) throw Error("no network leads to \"" + there.host + "\"; correct the place to meet", ErrorKind::kFailure);
  return name;
}

#endif

}  // namespace

void check_role(const ProcessRole& role) {
  require(role.processes >= 1, "a training needs at least one process; give --processes or --world 1 or more");
  require(role.rank >= 0 && role.rank < role.processes,
          "rank " + std::to_string(role.rank) + " is none of " + std::to_string(role.processes) +
              " processes; count the ranks from 0 to " + std::to_string(role.processes - 1));
  require(role.patience > 0, "the time to wait for other processes must be positive");
  if (role.processes == 1) return;
  if (!is_file(role.meeting)) parse_address(role.meeting);
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
    const auto address = is_file(role.meeting) ? Address{"127.0.0.1", 1} : parse_address(role.meeting);
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(local_address(address)));
    try {
      const auto store = place_to_meet(role, address, patience);
      store->setTimeout(patience);
      gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, role.rank, role.processes, options);
    } catch (const std::exception& fault) {
      throw Error("the " + std::to_string(role.processes) + " processes have not met at " + role.meeting + " (" +
                      reason(fault) + "); start all of them, each with a rank of its own",
                  ErrorKind::kFailure);
    }
  }

  static c10::intrusive_ptr<c10d::Store> place_to_meet(const ProcessRole& role, const Address& address,
                                                       std::chrono::milliseconds patience) {
    if (is_file(role.meeting)) return c10::make_intrusive<c10d::FileStore>(role.meeting, role.processes);
    c10d::TCPStoreOptions options;
    options.port = address.port;
    options.isServer = role.rank == 0;
    options.numWorkers = static_cast<std::size_t>(role.processes);
    options.timeout = patience;
    return c10::make_intrusive<c10d::TCPStore>(address.host, options);
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
