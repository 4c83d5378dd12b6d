#include "media/find_images.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "atelier/error.h"
#include "media/image_format.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

}  // namespace

bool is_picture(const fs::path& file) {
  std::array<char, 12> head{};
  std::ifstream stream(file, std::ios::binary);
  return stream.read(head.data(), head.size()) && starts_like_a_picture({head.data(), head.size()});
}

void each_image(const fs::path& folder, const std::function<void(const fs::path&)>& found) {
  std::error_code error;
  if (fs::is_regular_file(folder, error)) return found(folder);
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (is_hidden(entry->path()))
      entry.disable_recursion_pending();
    else if (entry->is_regular_file(ignored) && is_picture(entry->path()))
      found(entry->path());
  }
  if (error) throw Error("cannot list folder \"" + folder.string() + "\": " + error.message() + "; check the name");
}

std::vector<fs::path> find_images(const fs::path& folder) {
  std::vector<fs::path> found;
  each_image(folder, [&](const fs::path& image) { found.push_back(image); });
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace atelier
