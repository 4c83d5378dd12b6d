#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "methods/method.h"

namespace atelier::methods {

/// The entries of the styles that a model's network holds, in the order in which it holds them; one without a name
/// when the model names none.
/// @throws Error as styles_in() (weights/style_store.h).
std::vector<std::string> held_styles(const std::string& model);

/// The place of `style` among them; one style needs no name.
/// @throws Error when the model does not hold it.
std::int64_t place_of(const Style& style, const std::vector<std::string>& held);

}  // namespace atelier::methods
