#include "core/output_file.h"

#include <filesystem>

#include "atelier/error.h"
#include "core/atomic_file.h"

namespace atelier {

namespace fs = std::filesystem;

bool same_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const auto whole = [&](const std::string& file) { return fs::weakly_canonical(fs::absolute(file, error), error); };
  return whole(a) == whole(b) && !error;
}

void check_writable(const std::string& what, const std::string& file, const std::vector<std::string>& inputs) {
  for (const auto& input : inputs)
    require(!same_file(file, input), what + " \"" + file + "\" is also an input; choose another name for it");
  const AtomicFile probe{fs::path(file)};
}

}  // namespace atelier
