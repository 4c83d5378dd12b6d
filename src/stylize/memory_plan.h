#pragma once
#include <cstddef>

#include "atelier/stylize.h"

namespace atelier {

class Method;
struct Inputs;

/// About how many bytes painting needs beside the program: the method's forecast, and copies of the pictures.
std::size_t needed_memory(const Method& method, const Inputs& inputs);

/// About how many bytes stylize() will need for `request`, from the headers of its pictures and the method's own
/// forecast, without decoding or painting anything.
/// @throws Error when a picture or style cannot be found, or the method does not exist.
std::size_t planned_memory(const Request& request);

}  // namespace atelier
