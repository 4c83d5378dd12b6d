#include "media/find_images.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "atelier/error.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

bool is_heif_brand(std::string_view brand) {
  constexpr std::array kBrands{"heic"sv, "heix"sv, "hevc"sv, "heim"sv, "heis"sv,
                               "mif1"sv, "msf1"sv, "avif"sv, "avis"sv};
  return std::find(kBrands.begin(), kBrands.end(), brand) != kBrands.end();
}

bool starts_like_a_picture(std::string_view head) {
  return head.starts_with("\xff\xd8\xff"sv) || head.starts_with("\x89PNG\r\n\x1a\n"sv) ||
         (head.starts_with("RIFF"sv) && head.substr(8, 4) == "WEBP"sv) || head.starts_with("II*\0"sv) ||
         head.starts_with("MM\0*"sv) || head.starts_with("II+\0"sv) || head.starts_with("MM\0+"sv) ||
         (head.substr(4, 4) == "ftyp"sv && is_heif_brand(head.substr(8, 4)));
}

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
