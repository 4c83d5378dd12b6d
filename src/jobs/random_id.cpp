#include "jobs/random_id.h"

#include <sys/random.h>

#include <chrono>
#include <vector>

#include "atelier/error.h"

namespace atelier::jobs {
namespace {

constexpr const char* kDigits = "0123456789abcdef";

}  // namespace

std::string random_id(std::size_t digits) {
  std::vector<unsigned char> bytes(digits / 2);
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Error("the system gives no random numbers; check /dev/urandom", ErrorKind::kFailure);
  std::string id;
  for (const unsigned char byte : bytes) {
    id += kDigits[byte >> 4];
    id += kDigits[byte & 15];
  }
  return id;
}

bool is_id(const std::string& text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of(kDigits) == std::string::npos;
}

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace atelier::jobs
