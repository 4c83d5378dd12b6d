#pragma once
#include <string>

#include "atelier/error.h"

namespace atelier::testing {

/// The message of the Error that `call` ends with.
template <typename Call>
std::string fault(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

}  // namespace atelier::testing
