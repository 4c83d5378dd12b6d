#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace atelier {

/// `json` as text for whatever strings it holds: what is no UTF-8 in them, for instance a file's name, becomes U+FFFD.
/// (dump() by itself throws then.)
/// @param indent  spaces per level; -1: everything in one line.
template <typename Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace atelier
