#include "weights/data_folder.h"

#include <cstdlib>

#include "atelier/error.h"
#include "core/printable.h"

namespace atelier {

namespace fs = std::filesystem;

fs::path data_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && fs::path(data).is_absolute()) return fs::path(data) / "atelier";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    throw Error("there is no folder for models; set HOME or XDG_DATA_HOME", ErrorKind::kFailure);
  return fs::path(home) / ".local" / "share" / "atelier";
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(
        "cannot create \"" + folder.string() + "\": " + error.message() + "; set XDG_DATA_HOME to a writable folder",
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
