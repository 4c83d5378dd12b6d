#include "training/lock_output.h"

#include "atelier/error.h"
#include "core/atomic_file.h"

namespace atelier {

std::unique_ptr<FileLock> lock_output(const TrainingOptions& options) {
  if (options.output.empty() || options.role.rank > 0) return nullptr;
  std::error_code error;
  const auto file = std::filesystem::weakly_canonical(behind_links(options.output, error), error);
  auto lock = std::make_unique<FileLock>((error ? options.output : file).string() + ".lock");
  if (!lock->held())
    throw Error("another training writes \"" + options.output.string() + "\"; wait for it or give another -o",
                ErrorKind::kFailure);
  return lock;
}

}  // namespace atelier
