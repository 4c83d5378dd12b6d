#pragma once
#include <exception>
#include <string>

#include "atelier/error.h"

namespace atelier {

/// What the user is told of a fault: an Error as it is; of others, such as a library's, what to do about them.
/// @param photo  that was being painted or measured; empty: none.
Error explained(const std::exception& fault, const std::string& photo = "");

}  // namespace atelier
