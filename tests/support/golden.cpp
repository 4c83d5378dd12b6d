#include "support/golden.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <sstream>

#include "atelier/error.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// 10 log10(1 / mean squared error); infinite for equal pictures.
double psnr(const Tensor& a, const Tensor& b) {
  const double error = (a - b).to(at::kDouble).square().mean().item<double>();
  return error == 0 ? std::numeric_limits<double>::infinity() : -10 * std::log10(error);
}

std::string colour(const Tensor& picture, std::int64_t y, std::int64_t x) {
  std::ostringstream text;
  text.precision(3);
  for (std::int64_t c = 0; c < 3; ++c)
    text << (c == 0 ? "(" : ", ") << picture[0][c][y][x].item<float>() << (c == 2 ? ")" : "");
  return text.str();
}

std::string worst_pixel(const Tensor& actual, const Tensor& golden) {
  const auto difference = (actual - golden).abs().amax(1).squeeze(0);
  const std::int64_t at = difference.argmax().item<std::int64_t>();
  const std::int64_t y = at / difference.size(1), x = at % difference.size(1);
  std::ostringstream text;
  text << "worst pixel at x " << x << ", y " << y << ": " << colour(actual, y, x) << " instead of "
       << colour(golden, y, x);
  return text.str();
}

/// What is wrong with `actual`; empty when nothing is.
std::string complaint(const fs::path& stored, const Tensor& actual, double psnr_db) {
  if (!fs::exists(stored)) return "there is no golden picture " + stored.string() + "; run with UPDATE_GOLDEN=1";
  const auto golden = to_tensor(read_image(stored.string()));
  if (golden.sizes() != actual.sizes()) {
    std::ostringstream text;
    text << stored.string() << " has the shape " << golden.sizes() << " instead of " << actual.sizes();
    return text.str();
  }
  const double reached = psnr(actual, golden);
  if (reached >= psnr_db) return "";
  std::ostringstream text;
  text << stored.string() << ": " << reached << " dB instead of " << psnr_db << "; " << worst_pixel(actual, golden);
  return text.str();
}

void write_png(const fs::path& path, const Tensor& picture) {
  fs::create_directories(path.parent_path());
  write_image(path.string(), to_image(picture));
}

}  // namespace

void expect_golden(const std::string& name, const Tensor& actual, const GoldenOptions& options) {
  const fs::path stored = fs::path(ATELIER_SOURCE) / options.folder / name;
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    write_png(stored, actual);
    return;
  }
  const auto clean = actual.detach().to(at::kFloat);
  const auto wrong = clean.isfinite().all().item<bool>() ? complaint(stored, clean, options.psnr_db)
                                                         : name + ": the picture has values that are not finite";
  if (wrong.empty()) return;
  const fs::path left = fs::absolute("golden") / name;
  write_png(left, clean.nan_to_num());
  ADD_FAILURE() << wrong << "; the actual picture is " << left.string();
}

}  // namespace atelier
