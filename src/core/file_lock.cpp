#include "core/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "atelier/error.h"

namespace atelier {
namespace {

/// Whether `descriptor` is still what the name stands for: the holder before may have removed the file between its
/// being opened and locked here.
bool is_named(int descriptor, const std::filesystem::path& file) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(file.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

bool is_empty(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;
}

/// Network file systems lock only what is open for writing; what another user left may be for reading only.
int opened(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  const bool may_read = descriptor < 0 && (errno == EACCES || errno == EROFS);
  return may_read ? ::open(file.c_str(), O_RDONLY | O_CLOEXEC) : descriptor;
}

bool knows_no_locks(int fault) { return fault == ENOLCK || fault == EOPNOTSUPP || fault == ENOSYS; }

[[noreturn]] void refuse(const std::filesystem::path& file, int fault) {
  throw Error("cannot lock \"" + file.string() + "\": " + std::generic_category().message(fault) +
                  "; choose a folder you may write to",
              ErrorKind::kFailure);
}

}  // namespace

FileLock::FileLock(std::filesystem::path file) : file_(std::move(file)) {
  while (take() && !is_named(descriptor_, file_)) ::close(std::exchange(descriptor_, -1));
}

bool FileLock::take() {
  descriptor_ = opened(file_);
  if (descriptor_ < 0) refuse(file_, errno);
  int fault = 0;
  do fault = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  while (fault == EINTR);
  if (fault == 0 || knows_no_locks(fault)) return true;
  ::close(std::exchange(descriptor_, -1));
  if (fault != EWOULDBLOCK) refuse(file_, fault);
  return false;
}

FileLock::~FileLock() {
  if (!held()) return;
  // What has content, or was made after this one's file was deleted, is somebody's.
  if (is_empty(descriptor_) && is_named(descriptor_, file_)) ::unlink(file_.c_str());
  ::close(descriptor_);
}

}  // namespace atelier
