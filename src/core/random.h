#pragma once
#include <concepts>
#include <cstdint>
#include <random>

namespace atelier {

/// Random numbers that a seed decides.
using Random = std::mt19937_64;

/// @param seed  all of its 64 bits count.
/// @param more  words that set this use of the seed apart from others.
Random seeded(std::uint64_t seed, std::same_as<std::uint32_t> auto... more) {
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), more...};
  return Random(words);
}

/// Uniform in [0, 1), the same with every standard library.
inline double uniform(Random& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

}  // namespace atelier
