#include <openssl/evp.h>

#include "media/encode_image.h"
#include "report/html_page.h"

namespace atelier {
namespace {

std::string base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a zero
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

std::string embedded_picture(const Image& image) {
  return "data:image/jpeg;base64," + base64(encode_image("picture.jpg", image, {.quality = 85, .strip = true}));
}

}  // namespace atelier
