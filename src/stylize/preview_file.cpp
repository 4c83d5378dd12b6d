#include "stylize/preview_file.h"

#include "atelier/error.h"
#include "media/image_file.h"

namespace atelier {

void PreviewFile::update(Progress& progress) {
  constexpr std::chrono::seconds kInterval{2};
  const auto now = std::chrono::steady_clock::now();
  if (path_.empty() || !progress.preview || now < due_) return;
  due_ = now + kInterval;
  try {
    write_image(path_, progress.preview());
  } catch (const Error& error) {
    progress.note += (progress.note.empty() ? "" : "; ") + std::string(error.what());
  }
}

}  // namespace atelier
