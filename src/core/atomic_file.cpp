#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <system_error>

#include "atelier/error.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

std::string advice(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT: return "free some space or choose another folder";
    case EFBIG: return "raise the file size limit (ulimit -f) or choose a smaller picture";
    case ENOENT:
    case ENOTDIR: return "create the folder first";
    case ENAMETOOLONG: return "choose a shorter name";
    default: return "choose a folder you may write to";
  }
}

[[noreturn]] void fail(const fs::path& target, int code) {
  throw Error(
      "cannot write \"" + target.string() + "\": " + std::generic_category().message(code) + "; " + advice(code),
      ErrorKind::kFailure);
}

/// Follows links, so that writing through a link keeps the link; refuses anything that a
/// rename would destroy (folders, devices).
fs::path checked_target(const fs::path& target) {
  std::error_code error;
  const fs::path real = behind_links(target, error);
  if (error || real.empty()) fail(target, error ? error.value() : ENOENT);
  const auto kind = fs::status(real, error).type();
  if (kind == fs::file_type::directory || !real.has_filename())
    throw Error("cannot write \"" + target.string() + "\": it is a folder; give the name of a file in it",
                ErrorKind::kFailure);
  if (kind != fs::file_type::regular && kind != fs::file_type::not_found && kind != fs::file_type::none)
    throw Error("cannot write \"" + target.string() + "\": it is not a regular file; choose another name",
                ErrorKind::kFailure);
  return real;
}

/// Hidden, never the same twice: leftovers of a killed process are never reused.
fs::path unique_name_beside(const fs::path& target) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  return target.parent_path() /
         (".atelier-" + std::to_string(::getpid()) + "-" + std::to_string(random()) + target.extension().string());
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

/// Makes a rename durable; file systems that cannot sync folders are left alone.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

fs::path behind_links(fs::path file, std::error_code& error) {
  constexpr int kMostLinks = 40;  // as many as Linux follows
  std::error_code no_link;        // what cannot be looked at is for the writer to meet
  error.clear();
  for (int i = 0; fs::is_symlink(file, no_link); ++i) {
    if (i == kMostLinks) error = std::make_error_code(std::errc::too_many_symbolic_link_levels);
    if (error) return file;
    file = file.parent_path() / fs::read_symlink(file, error);
  }
  return file;
}

AtomicFile::AtomicFile(fs::path target) : target_(checked_target(target)) {
  do {
    temporary_ = unique_name_beside(target_);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail(target_, errno);
  struct stat old {};
  if (::stat(target_.c_str(), &old) == 0) static_cast<void>(::fchmod(descriptor_, old.st_mode & 0777));
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail(target_, errno);
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != ENOTSUP) fail(target_, errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, errno);
  ::close(descriptor_);
  descriptor_ = -1;
  sync_folder(folder_of(target_));
}

}  // namespace atelier
