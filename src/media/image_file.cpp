#include "media/image_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vips/vips8>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "media/decode_image.h"
#include "media/vips_runtime.h"

namespace atelier {

Image read_image(const std::string& path, const ReadOptions& options) {
  if (std::filesystem::is_directory(path)) throw Error("\"" + path + "\" is a folder; give a picture file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot open picture \"" + path + "\"; check the name");
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return decode_image(std::as_bytes(std::span(bytes)), path, options);
}

void write_image(const std::string& path, const Image& image, const WriteOptions& options) {
  start_vips();
  std::vector<std::uint8_t> samples(image.rgb.size());
  std::transform(image.rgb.begin(), image.rgb.end(), samples.begin(),
                 [](float v) { return static_cast<std::uint8_t>(std::lround(std::clamp(v, 0.f, 1.f) * 255)); });
  const std::string extension = std::filesystem::path(path).extension().string();
  AtomicFile file(path);
  void* data = nullptr;
  std::size_t size = 0;
  auto picture = vips::VImage::new_from_memory(samples.data(), samples.size(), image.width, image.height, 3, VIPS_FORMAT_UCHAR)
                     .copy(vips::VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
  picture.write_to_buffer(extension.c_str(), &data, &size,
                          extension == ".png" ? vips::VImage::option() : vips::VImage::option()->set("Q", options.quality));
  const std::unique_ptr<void, decltype(&g_free)> owner(data, &g_free);
  file.write(std::string_view(static_cast<const char*>(data), size));
  file.commit();
}

std::optional<std::string> read_recipe(const std::string&) { return std::nullopt; }

}  // namespace atelier
