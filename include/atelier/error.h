#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace atelier {

/// Why an operation ended early; the command line turns it into an exit status.
enum class ErrorKind {
  kBadRequest,  ///< the caller asked for something impossible (exit 2)
  kFailure,     ///< the request was sound but could not be carried out (exit 1)
  kStopped,     ///< the caller asked to stop (exit 130)
};

/// The library's only exception. `what()` is one sentence of the form
/// "WHAT WAS WRONG; WHAT TO DO", without a trailing full stop or newline.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ErrorKind kind = ErrorKind::kBadRequest)
      : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// Throws a kBadRequest Error with `message` unless `condition` holds.
inline void require(bool condition, std::string_view message) {
  if (!condition) throw Error(std::string(message));
}

}  // namespace atelier
