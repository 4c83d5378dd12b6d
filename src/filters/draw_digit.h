#pragma once
#include <array>
#include <cstdint>

namespace atelier {

inline constexpr int kDigitSide = 28;

/// A digit as a hand might write it, 28 × 28 pixels in the manner of MNIST: 255 is ink, 0 is paper, about 20 pixels
/// high, row by row. Its strokes (of two ways to write 1, 4 and 7, one) are bent by a smooth random warp, slanted,
/// turned, scaled and shifted, and drawn by a round pen of random width with soft rims.
/// @param digit  0 … 9.
/// @param seed   another hand for each; the same one gives the same pixels everywhere.
/// @throws Error for another digit.
std::array<std::uint8_t, kDigitSide * kDigitSide> draw_digit(int digit, std::uint64_t seed);

}  // namespace atelier
