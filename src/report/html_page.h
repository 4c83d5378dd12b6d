#pragma once
#include <string>
#include <string_view>

#include "atelier/image.h"

namespace atelier {

/// `plain` with the characters that mean something in HTML, SVG and Pango markup written out.
std::string html_escaped(std::string_view plain);

/// A page without external resources: doctype, title as heading, the project's style sheet, and `body` (HTML).
std::string html_page(const std::string& title, const std::string& body);

/// `image` as an address to put into src="…": a JPEG in base64.
std::string embedded_picture(const Image& image);

}  // namespace atelier
