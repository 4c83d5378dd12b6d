#pragma once
#include <sys/types.h>
#include <functional>
#include <string>
#include <vector>

namespace atelier::testing {

/// What a finished program left behind.
struct Outcome {
  int status = -1;  ///< exit status; 128 + the signal when one ended it
  std::string out, err;
};

/// A program under test with its output captured. Killed when it outlives the object.
class Process {
 public:
  /// Starts `program` in `folder`; `prepare` runs in the child before the program does.
  Process(const std::string& program, const std::vector<std::string>& arguments, const std::string& folder,
          const std::function<void()>& prepare = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Reads until `text` appeared on standard output; false when the program ended before.
  bool wait_for(const std::string& text);
  /// The same for standard error.
  bool wait_for_error(const std::string& text);
  /// What has been read from standard output so far.
  const std::string& output() const { return outcome_.out; }
  void send(int signal) const;
  /// Stops listening to standard output, as `head` does.
  void close_output();
  /// Reads the rest and waits for the end.
  Outcome finish();
  /// Takes in what has been written up to now: a full pipe holds its writer up.
  void read_ready();

 private:
  bool read_some(int patience);
  bool wait_until_in(const std::string& stream, const std::string& text);

  pid_t child_ = -1;
  int out_ = -1, err_ = -1;
  Outcome outcome_;
};

}  // namespace atelier::testing
