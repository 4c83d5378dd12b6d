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

}  // namespace

FileLock::FileLock(std::filesystem::path file) : file_(std::move(file)) {
  while (take() && !is_named(descriptor_, file_)) ::close(std::exchange(descriptor_, -1));
}

/// Reading is enough to lock, so that what another user left does not stand in the way.
bool FileLock::take() {
  descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    throw Error("cannot lock \"" + file_.string() + "\": " + std::generic_category().message(errno) +
                    "; choose a folder you may write to",
                ErrorKind::kFailure);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return true;
  ::close(std::exchange(descriptor_, -1));
  return false;
}

FileLock::~FileLock() {
  if (!held()) return;
  if (is_empty(descriptor_)) ::unlink(file_.c_str());  // what has content is somebody's
  ::close(descriptor_);
}

}  // namespace atelier
