#pragma once
#include <string>
#include <string_view>

#include "atelier/image.h"

namespace atelier {

/// The address of a file beside the page, of any name: all but letters, digits and "-._~" as %XX (RFC 3986).
std::string file_address(std::string_view name);

/// A page without external resources: doctype, title as heading, the project's style sheet, and `body` (HTML).
std::string html_page(const std::string& title, const std::string& body);

/// `image` as an address to put into src="…": a JPEG in base64.
std::string embedded_picture(const Image& image);

}  // namespace atelier
