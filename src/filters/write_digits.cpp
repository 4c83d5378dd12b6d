#include "filters/write_digits.h"

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "atelier/error.h"
#include "filters/draw_digit.h"
#include "media/image_file.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPixels = kDigitSide * kDigitSide;

std::string numbered(const char* format, std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

int digit_of(std::size_t number) { return static_cast<int>(number % 10); }

/// Hands of one seed are far from those of the next.
std::uint64_t hand_of(std::uint64_t seed, std::size_t number) { return seed * 0x9e3779b97f4a7c15U + number; }

Image as_image(const std::array<std::uint8_t, kPixels>& pixels) {
  Image image;
  image.width = image.height = kDigitSide;
  for (const auto pixel : pixels) image.rgb.insert(image.rgb.end(), 3, static_cast<float>(pixel) / 255);
  return image;
}

void write_pack(const fs::path& output, std::size_t count, std::uint64_t seed,
                const std::function<void(std::size_t)>& on_progress) {
  std::vector<std::uint8_t> bytes(count * 3 * kPixels);
  WeightSet pack;
  for (std::size_t i = 0; i < count; ++i) {
    if (on_progress) on_progress(i);
    const auto pixels = draw_digit(digit_of(i), hand_of(seed, i));
    const auto picture = std::span(bytes).subspan(i * 3 * kPixels, 3 * kPixels);
    for (std::size_t c = 0; c < 3; ++c) std::copy(pixels.begin(), pixels.end(), picture.begin() + c * kPixels);
    pack.tensors[numbered("picture/%06zu", i)] = {DType::kU8, {3, kDigitSide, kDigitSide}, std::as_bytes(picture)};
    pack.metadata["labels"] += static_cast<char>('0' + digit_of(i));
  }
  pack.metadata["kind"] = "dataset";
  write_safetensors(output, pack);
}

void write_folder(const fs::path& output, std::size_t count, std::uint64_t seed,
                  const std::function<void(std::size_t)>& on_progress) {
  for (int digit = 0; digit < 10; ++digit) {
    std::error_code error;
    fs::create_directories(output / std::to_string(digit), error);
    if (error)
      throw Error("cannot create the folder \"" + output.string() + "\": " + error.message() + "; give another one",
                  ErrorKind::kFailure);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (on_progress) on_progress(i);
    const auto file = output / std::to_string(digit_of(i)) / numbered("%06zu.png", i);
    write_image(file.string(), as_image(draw_digit(digit_of(i), hand_of(seed, i))));
  }
}

}  // namespace

void write_digits(const fs::path& output, std::size_t count, std::uint64_t seed,
                  const std::function<void(std::size_t)>& on_progress) {
  require(count >= 1 && count <= 200'000, "the number of digits is out of range; give 1 to 200000");
  if (output.extension() == ".safetensors")
    write_pack(output, count, seed, on_progress);
  else
    write_folder(output, count, seed, on_progress);
}

}  // namespace atelier
