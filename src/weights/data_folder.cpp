#include "weights/data_folder.h"

#include <algorithm>
#include <cstdlib>

#include "atelier/error.h"
#include "core/printable.h"

namespace atelier {

namespace fs = std::filesystem;

namespace {

/// Empty when the environment names none.
fs::path home_for_data() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && fs::path(data).is_absolute()) return data;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return fs::path(home) / ".local" / "share";
}

}  // namespace

fs::path data_folder() {
  const auto home = home_for_data();
  if (home.empty()) throw Error("there is no folder for models; set HOME or XDG_DATA_HOME", ErrorKind::kFailure);
  return home / "atelier";
}

std::vector<fs::path> own_files(const std::string& folder) {
  std::vector<fs::path> files;
  if (home_for_data().empty()) return files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(data_folder() / folder, absent))
    if (entry.path().extension() == ".safetensors" && !entry.path().filename().string().starts_with('.'))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(
        "cannot create \"" + folder.string() + "\": " + error.message() + "; set XDG_DATA_HOME to a writable folder",
        ErrorKind::kFailure);
}

void remove_file(const fs::path& file) {
  std::error_code error;
  if (!fs::remove(file, error) && error)
    throw Error("cannot delete \"" + file.string() + "\": " + error.message() + "; check its folder's permissions",
                ErrorKind::kFailure);
}

bool is_valid_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
}

void check_valid_name(const std::string& what, const std::string& name) {
  require(is_valid_name(name),
          what + " cannot be named " + printable(name) +
              "; use --name with 1 to 64 of a-z, 0-9, \".\", \"_\", \"-\", a letter or digit first");
}

}  // namespace atelier
