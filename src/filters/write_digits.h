#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

namespace atelier {

/// Draws `count` digits (draw_digit()), 0 1 2 … 9 0 1 …, each by another hand of `seed`.
///
/// Where `output` ends in .safetensors: one pack of pictures as `atelier dataset pack` writes it, [3, 28, 28] bytes
/// each, with the digits in the metadata `labels`, a character each. Else a folder: DIGIT/000123.png.
/// @param count        1 … 200,000.
/// @param on_progress  gets the number of digits drawn so far; may be empty; ends the run by throwing.
/// @throws Error for a count out of range or when a file cannot be written.
void write_digits(const std::filesystem::path& output, std::size_t count, std::uint64_t seed,
                  const std::function<void(std::size_t)>& on_progress = {});

}  // namespace atelier
