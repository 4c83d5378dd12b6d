#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace atelier {

/// Where the processes of a training meet over a network.
struct MeetingAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// "host:29500", or "[::1]:29500". @throws Error for anything else.
MeetingAddress parse_meeting_address(const std::string& meeting);

/// The address by which this machine is known to `there`. The host name's own address, LibTorch's choice, is often one
/// that no other machine can reach. @throws Error (kFailure) when the host is not known or no network leads there.
std::string local_address(const MeetingAddress& there);

/// Whether somebody takes connections at `there`, found out within `patience` for each of the host's addresses.
bool is_listening(const MeetingAddress& there, std::chrono::milliseconds patience);

}  // namespace atelier
