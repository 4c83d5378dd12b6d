#include "server/worker.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/queue_options.h"
#include "cli/terminal.h"
#include "jobs/random_id.h"
#include "weights/data_folder.h"

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

struct Typed {
  server::WorkerOptions options;
  std::string queue, data;
  double lease = 20;
  bool quiet = false;
};

/// A folder that goes with the program.
class ScratchFolder {
 public:
  ScratchFolder() : path_(fs::temp_directory_path() / ("atelier-worker-" + jobs::random_id())) { make_folder(path_); }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Styles that come and go with jobs shall not mingle with the user's own; models of the user's own serve as they are.
void move_home(const fs::path& scratch) {
  const auto models = data_folder() / "models";
  const auto home = scratch / "home";
  make_folder(home / "atelier");
  std::error_code ignored;
  if (fs::exists(models)) fs::create_directory_symlink(fs::absolute(models), home / "atelier" / "models", ignored);
  ::setenv("XDG_DATA_HOME", home.c_str(), 1);
}

int run(const Typed& typed) {
  require(!typed.queue.empty(), "no queue was given; add --queue redis://HOST:PORT");
  auto options = typed.options;
  options.queue = jobs::parse_redis_url(typed.queue);
  options.lease = lease_of(typed.lease);
  if (!typed.data.empty()) options.data = fs::absolute(typed.data);
  require(options.data.empty() || fs::is_directory(options.data),
          "there is no folder \"" + typed.data + "\"; give the server's --data folder, or leave it out");
  if (!typed.quiet) options.log = [](const std::string& line) { tell(line + "\n"); };
  const ScratchFolder scratch;
  move_home(scratch.path());
  options.scratch = scratch.path() / "studio";
  make_folder(scratch.path() / "empty");
  fs::current_path(scratch.path() / "empty");  // a style's name cannot be a file's there
  const server::Worker worker(options);
  while (!interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return 0;
}

}  // namespace

Run describe_worker(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  add_queue(app, typed->queue, "Redis that `atelier serve --queue` was given")->envname("ATELIER_QUEUE");
  app.add_option("--data", typed->data,
                 "the server's --data folder on a network file system; without it pictures travel through Redis")
      ->type_name("DIR");
  app.add_option("--jobs", typed->options.jobs_at_once, "pictures to paint at once (0: by the number of cores)")
      ->type_name("N")
      ->check(CLI::Range(0, 64));
  app.add_option("--threads", typed->options.threads, "threads to compute with (0: all cores)")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  add_lease(app, typed->lease);
  app.add_flag("-q,--quiet", typed->quiet, "write no log to standard error");
  app.footer(
      "Ctrl-C or SIGTERM ends it: a picture that is being painted is left to another worker.\n\n"
      "Examples:\n  atelier worker --queue redis://:secret@10.0.0.2\n"
      "  atelier worker --queue redis://10.0.0.2 --data /srv/studio --jobs 4\n");
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
