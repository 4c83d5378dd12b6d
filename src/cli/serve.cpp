#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/queue_options.h"
#include "cli/terminal.h"
#include "core/number_text.h"
#include "jobs/random_id.h"
#include "jobs/redis.h"
#include "server/server.h"
#include "weights/data_folder.h"

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

struct Typed {
  server::ServerOptions options;
  std::string data;
  double quota_gigabytes = 10, upload_megabytes = 128;
  double lease = 20;
  bool quiet = false;
};

constexpr std::size_t kTokenDigits = 32;

/// Clients send names, never paths; in an empty folder a name cannot be a file's either.
void go_to_empty_folder(const fs::path& data) {
  const auto folder = data / "empty";
  make_folder(folder);
  fs::current_path(folder);
}

/// CLI::Range would let pass what is no number.
void require_between(const char* option, double value, double least, double most) {
  require(value >= least && value <= most,
          std::string(option) + " is out of range; give a number from " + as_typed(least) + " to " + as_typed(most));
}

void check_limits(const Typed& typed) {
  constexpr double kLeast = 0.001, kMost = 1e9;
  require_between("--keep-days", typed.options.keep_days, kLeast, kMost);
  require_between("--quota", typed.quota_gigabytes, kLeast, kMost);
  require_between("--max-upload", typed.upload_megabytes, kLeast, kMost);
  require_between("--rate", typed.options.requests_per_second, 0, kMost);
  require_between("--max-pixels", static_cast<double>(typed.options.max_pixels), 1, 1e3 * kMost);
  require_between("--max-result-pixels", static_cast<double>(typed.options.max_result_pixels), 1, 1e3 * kMost);
}

server::ServerOptions options_of(const Typed& typed) {
  check_limits(typed);
  auto options = typed.options;
  options.data = typed.data.empty() ? data_folder() / "studio" : fs::absolute(typed.data);
  if (!options.queue.empty()) jobs::parse_redis_url(options.queue);
  options.lease = lease_of(typed.lease);
  options.quota = static_cast<std::int64_t>(typed.quota_gigabytes * (1 << 30));
  options.max_upload = static_cast<std::int64_t>(typed.upload_megabytes * (1 << 20));
  if (!server::is_loopback(options.address) && options.token.empty()) options.token = jobs::random_id(kTokenDigits);
  if (!typed.quiet) options.log = [](const std::string& line) { tell(line + "\n"); };
  return options;
}

std::string link(const server::ServerOptions& options, int port) {
  const bool v6 = options.address.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + options.address + "]" : options.address;
  return "http://" + host + ":" + std::to_string(port) + "/" + (options.token.empty() ? "" : "?token=" + options.token);
}

int run(const Typed& typed) {
  const auto options = options_of(typed);
  make_folder(options.data);
  go_to_empty_folder(options.data);
  server::Server server(options);
  say("The studio is at " + link(options, server.port()) + " (Ctrl-C ends it)\n");
  std::jthread watcher([&](const std::stop_token& ended) {
    constexpr std::chrono::milliseconds kPause{50};
    while (!interrupted() && !ended.stop_requested()) std::this_thread::sleep_for(kPause);
    server.stop();
  });
  server.run();
  return 0;
}

}  // namespace

Run describe_serve(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  auto& options = typed->options;
  app.add_option("--port", options.port, "port to listen on; 0: any free one [8080]")->check(CLI::Range(0, 65535));
  app.add_option("--address", options.address, "address to listen on [127.0.0.1]")->type_name("ADDRESS");
  app.add_option("--token", options.token,
                 "secret that clients must know; one is made up and printed where others could reach the server")
      ->type_name("TEXT")
      ->envname("ATELIER_TOKEN");
  app.add_option("--host", options.hosts, "further name of this server, for instance behind a proxy; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--data", typed->data, "folder for jobs and pictures [~/.local/share/atelier/studio]")
      ->type_name("DIR");
  app.add_option("--jobs", options.jobs_at_once, "pictures to paint at once (0: by the number of cores)")
      ->type_name("N")
      ->check(CLI::Range(0, 64));
  app.add_option("--threads", options.threads, "threads to compute with (0: all cores)")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  add_queue(app, options.queue, "Redis over which `atelier worker`s elsewhere paint; none is painted here")
      ->envname("ATELIER_QUEUE");
  add_lease(app, typed->lease);
  app.add_option("--queue-length", options.queue_length, "jobs that may wait [100]")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--keep-days", options.keep_days, "days after which a finished job is deleted [30]")->type_name("N");
  app.add_option("--quota", typed->quota_gigabytes, "gigabytes of pictures and results to keep at most [10]")
      ->type_name("N");
  app.add_option("--max-upload", typed->upload_megabytes, "megabytes of one upload at most [128]")->type_name("N");
  app.add_option("--max-pixels", options.max_pixels, "pixels of an uploaded picture at most [100000000]")
      ->type_name("N");
  app.add_option("--max-result-pixels", options.max_result_pixels, "pixels of a result at most [40000000]")
      ->type_name("N");
  app.add_option("--rate", options.requests_per_second,
                 "requests a second from one address, other than this machine's (0: any number) [50]")
      ->type_name("N");
  app.add_flag("-q,--quiet", typed->quiet, "write no log to standard error");
  app.footer(
      "Open the address it prints in a browser. The log is one JSON object a line.\n\n"
      "Examples:\n  atelier serve\n  atelier serve --address 0.0.0.0 --port 80 --token \"$TOKEN\" --host "
      "studio.example\n");
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
