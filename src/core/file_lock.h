#pragma once
#include <filesystem>

namespace atelier {

/// One holder at a time, over all processes of a machine: an advisory lock (flock) on a file that is made for it and
/// removed with it. The system ends the lock with the process, however that ends: a file that a killed one leaves
/// behind locks nothing. A file system that knows no locks is left alone, and everybody is a holder there.
class FileLock {
 public:
  /// Takes the lock if nobody has it; does not wait. @throws Error (kFailure) when the file cannot be made.
  explicit FileLock(std::filesystem::path file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Whether the lock is this object's; false when another one has it.
  bool held() const { return descriptor_ >= 0; }

 private:
  bool take();

  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace atelier
