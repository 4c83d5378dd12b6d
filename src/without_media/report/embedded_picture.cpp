#include "media/encode_image.h"
#include "report/html_page.h"

namespace atelier {

std::string embedded_picture(const Image& image) { return encode_image("the picture of a page", image); }

}  // namespace atelier
