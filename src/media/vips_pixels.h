#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>
#include <vips/vips8>

namespace atelier {

/// A picture over samples that the caller keeps alive, interleaved, 8 or 16 bits, sRGB.
template <class Sample>
vips::VImage image_over(const std::vector<Sample>& samples, int width, int height, int bands) {
  constexpr bool deep = sizeof(Sample) == 2;
  auto* data = const_cast<Sample*>(samples.data());
  return vips::VImage::new_from_memory(data, samples.size() * sizeof(Sample), width, height, bands,
                                       deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR)
      .copy(vips::VImage::option()->set("interpretation", deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB));
}

/// All samples of a picture whose format is `Sample`.
template <class Sample>
std::vector<Sample> pixels_of(const vips::VImage& image) {
  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&g_free)> memory(image.write_to_memory(&size), &g_free);
  std::vector<Sample> samples(size / sizeof(Sample));
  std::memcpy(samples.data(), memory.get(), samples.size() * sizeof(Sample));
  return samples;
}

/// Attaches a copy of `bytes` as metadata.
inline void set_blob(vips::VImage& image, const char* name, const std::string& bytes) {
  vips_image_set_blob_copy(image.get_image(), name, bytes.data(), bytes.size());
}

/// The bytes of a metadata blob; empty if there is none.
inline std::string get_blob(const vips::VImage& image, const char* name) {
  if (image.get_typeof(name) != VIPS_TYPE_BLOB) return {};
  std::size_t size = 0;
  const void* data = image.get_blob(name, &size);
  return std::string(static_cast<const char*>(data), size);
}

}  // namespace atelier
