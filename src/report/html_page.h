#pragma once
#include <string>
#include <string_view>

#include "atelier/image.h"

namespace atelier {

/// `plain` with the characters that mean something in HTML and SVG written out, and U+FFFD in place of what is no
/// UTF-8, which XML refuses.
std::string html_escaped(std::string_view plain);

/// The address of a file beside the page, of any name: all but letters, digits and "-._~" as %XX (RFC 3986).
std::string file_address(std::string_view name);

/// A page without external resources: doctype, title as heading, the project's style sheet, and `body` (HTML).
std::string html_page(const std::string& title, const std::string& body);

/// `image` as an address to put into src="…": a JPEG in base64.
std::string embedded_picture(const Image& image);

}  // namespace atelier
