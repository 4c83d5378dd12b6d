#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace atelier {

/// Text out of an untrusted file, in double quotes and fit for a one-line message: whatever is not
/// printable ASCII becomes "?", and more than `limit` characters are cut.
std::string printable(std::string_view text, std::size_t limit = 80);

/// The same without the quotes.
std::string one_line(std::string_view text, std::size_t limit = 80);

/// one_line() for text in any language: valid UTF-8 is kept but for control characters and marks that turn the
/// direction of writing. `limit` counts bytes.
std::string one_line_utf8(std::string_view text, std::size_t limit = 80);

/// The first line that is not blank, from its first character on; empty when there is none.
std::string first_line(std::string_view text);

/// `text` with U+FFFD in place of each byte that is part of no UTF-8 character; all else is kept.
std::string valid_utf8(std::string_view text);

}  // namespace atelier
