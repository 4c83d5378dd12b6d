#pragma once
#include <cstddef>
#include <string>

namespace atelier::jobs {

/// `digits` random hexadecimal digits (an even number) from the system's generator: fit for names that nobody may
/// guess. @throws Error (kFailure) when the system has none.
std::string random_id(std::size_t digits = 16);

/// Whether `text` could have come from random_id().
bool is_id(const std::string& text, std::size_t digits = 16);

/// Seconds since 1970, with fractions.
double unix_time();

}  // namespace atelier::jobs
