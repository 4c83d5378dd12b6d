#pragma once
#include <string>
#include <vector>

namespace atelier {

/// Checks, before any work, that a file can be written: it is none of `inputs`, where a reader would find the result in
/// its place, and its folder takes files.
/// @param what    as the message names it: "output", "preview".
/// @param inputs  files or other names; empty ones and what does not exist are passed over.
/// @throws Error.
void check_writable(const std::string& what, const std::string& file, const std::vector<std::string>& inputs);

/// Whether two names stand for one file, which need not exist.
bool same_file(const std::string& a, const std::string& b);

}  // namespace atelier
