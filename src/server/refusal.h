#pragma once
#include <string>

#include "atelier/error.h"

namespace atelier::server {

/// An Error with the HTTP status that it is answered with.
class Refusal : public Error {
 public:
  /// @param retry_after  seconds after which to try again; 0: not at all.
  Refusal(int status, const std::string& message, int retry_after = 0)
      : Error(message), status_(status), retry_after_(retry_after) {}
  int status() const { return status_; }
  int retry_after() const { return retry_after_; }

 private:
  int status_, retry_after_;
};

}  // namespace atelier::server
