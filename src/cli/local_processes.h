#pragma once
#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "atelier/error.h"
#include "cli/command.h"
#include "training/process_role.h"

namespace atelier::cli {

/// Further processes of this program on this machine, which train together with this one. They say nothing; what they
/// would have said is kept for when they fail. Those that still run are ended with the object, and with this process.
class LocalProcesses {
 public:
  /// Starts `count` - 1 times "atelier COMMAND ARGUMENTS... --rank R --world COUNT --meet FILE --threads N".
  /// @param arguments  as typed; --processes and --threads among them are left out.
  /// @throws Error (kFailure) when the system does not allow it.
  LocalProcesses(int count, int threads, const std::string& command, const Arguments& arguments);
  ~LocalProcesses();
  LocalProcesses(const LocalProcesses&) = delete;
  LocalProcesses& operator=(const LocalProcesses&) = delete;

  /// That of this process.
  ProcessRole role() const;
  /// Waits for the end of all.
  void wait();
  /// `error`, by which this process has failed, or what it comes from: another's own message or the signal that ended
  /// it.
  Error cause_of(const Error& error);

 private:
  struct Child {
    pid_t id = -1;
    std::FILE* said = nullptr;
    int status = 0;  ///< as of waitpid(), once it has ended
    bool ended = false;
  };

  void start(Child& child, const std::vector<std::string>& words) const;
  bool all_ended(int flags);

  std::filesystem::path folder_;
  std::vector<Child> children_;
};

}  // namespace atelier::cli
