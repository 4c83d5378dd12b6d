#include "training/meeting_address.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "atelier/error.h"

namespace atelier {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// None for a host that is not known.
Addresses addresses_of(const MeetingAddress& there, int kind) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = kind;
  if (::getaddrinfo(there.host.c_str(), std::to_string(there.port).c_str(), &hints, &found) != 0) found = nullptr;
  return {found, ::freeaddrinfo};
}

bool connects(int descriptor, const addrinfo& address, std::chrono::milliseconds patience) {
  if (::connect(descriptor, address.ai_addr, address.ai_addrlen) == 0) return true;
  pollfd ready{descriptor, POLLOUT, 0};
  int fault = 0;
  socklen_t length = sizeof fault;
  return errno == EINPROGRESS && ::poll(&ready, 1, static_cast<int>(patience.count())) == 1 &&
         ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &length) == 0 && fault == 0;
}

}  // namespace

MeetingAddress parse_meeting_address(const std::string& meeting) {
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

std::string local_address(const MeetingAddress& there) {
  const auto found = addresses_of(there, SOCK_DGRAM);
  if (!found)
    throw Error("the host \"" + there.host + "\" is not known; correct the place to meet", ErrorKind::kFailure);
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

bool is_listening(const MeetingAddress& there, std::chrono::milliseconds patience) {
  const auto found = addresses_of(there, SOCK_STREAM);
  bool listening = false;
  for (const auto* address = found.get(); address != nullptr && !listening; address = address->ai_next) {
    const int descriptor = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) continue;
    listening = connects(descriptor, *address, patience);
    ::close(descriptor);
  }
  return listening;
}

}  // namespace atelier
