#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "atelier/stylize.h"

namespace atelier {

/// The settings of `request` as they would be typed: the inverse of apply_options().
std::map<std::string, std::string> typed_options(const Request& request);

/// Bytes from "800M", "2G", "512K" (powers of 1024) or a plain number.
/// @throws Error naming --memory.
std::uint64_t parse_bytes(const std::string& text);

}  // namespace atelier
