#include "weights/fetch.h"

#include <fcntl.h>
#include <httplib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "weights/import_model.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestDownload = 8ull << 30;
constexpr int kMostRedirects = 5;
constexpr double kSecondsBetweenReports = 0.1;

struct Address {
  std::string origin;  ///< "https://host:port"
  std::string host;
  std::string path;
};

bool is_this_machine(const std::string& host) { return host == "127.0.0.1" || host == "localhost"; }

/// HTTPS, or plain HTTP to this machine.
Address parse_address(const std::string& url) {
  const auto scheme = url.find("://");
  const auto slash = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  require(slash != std::string::npos, "the address " + printable(url) + " is malformed; give https://HOST/FILE");
  Address address{url.substr(0, slash), url.substr(scheme + 3, slash - scheme - 3), url.substr(slash)};
  address.host = address.host.substr(0, address.host.find(':'));
  const bool safe = url.starts_with("https://") || (url.starts_with("http://") && is_this_machine(address.host));
  require(safe && address.origin.find('@') == std::string::npos,
          "the address " + printable(url) + " is not secure; give https://HOST/FILE");
  return address;
}

[[noreturn]] void fail(const std::string& message) { throw Error(message, ErrorKind::kFailure); }

/// The file that grows until the download is complete; locked, so that two runs do not mix their bytes.
class PartialFile {
 public:
  explicit PartialFile(fs::path path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_here();
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      ::close(descriptor_);
      fail("\"" + path_.string() + "\" is being fetched by another run; wait until it has finished");
    }
  }
  ~PartialFile() { ::close(descriptor_); }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const fs::path& path() const { return path_; }
  std::uint64_t size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail_here();
    return static_cast<std::uint64_t>(status.st_size);
  }
  void clear() {
    if (size() > 0 && ::ftruncate(descriptor_, 0) != 0) fail_here();
  }
  void remove() { ::unlink(path_.c_str()); }
  void append(const char* data, std::size_t count) {
    while (count > 0) {
      const ssize_t written = ::write(descriptor_, data, count);
      if (written < 0 && errno != EINTR) fail_here();
      if (written > 0) data += written, count -= static_cast<std::size_t>(written);
    }
  }

 private:
  [[noreturn]] void fail_here() const {
    fail("cannot write \"" + path_.string() + "\": " + std::generic_category().message(errno) +
         "; free some space or set XDG_DATA_HOME to a writable folder");
  }

  fs::path path_;
  int descriptor_ = -1;
};

/// One download: requests, redirects, and what the server said.
class Download {
 public:
  Download(const PublicModel& model, PartialFile& file, const OnFetch& on_progress)
      : model_(model), file_(file), on_progress_(on_progress) {}

  void run() {
    std::string url = model_.url;
    for (int i = 0; i <= kMostRedirects; ++i) {
      const auto next = request(parse_address(url));
      if (!next) return;
      url = *next;
    }
    fail("\"" + model_.url + "\" redirects in circles; try again later");
  }

 private:
  /// @return where the server redirects to; nothing when the file is complete.
  std::optional<std::string> request(const Address& address) {
    httplib::Client client(address.origin);
    client.set_connection_timeout(20);
    client.set_read_timeout(60);
    client.set_decompress(false);
    progress_.resumed = progress_.bytes = file_.size();
    httplib::Headers headers{{"User-Agent", "atelier/" ATELIER_VERSION}, {"Accept-Encoding", "identity"}};
    if (progress_.bytes > 0) headers.emplace("Range", "bytes=" + std::to_string(progress_.bytes) + "-");
    response_ = {};
    const auto result = client.Get(
        address.path, headers, [this](const httplib::Response& response) { return accept(response); },
        [this](const char* data, std::size_t count) { return receive(data, count); });
    return conclude(address, result.error());
  }

  /// Reads the headers; false ends the transfer before its body.
  bool accept(const httplib::Response& response) {
    response_ = response;
    if (response.status == 200) {
      file_.clear();  // also a server that ignores Range: everything comes anew
      progress_.resumed = progress_.bytes = 0;
      progress_.total = response.get_header_value<std::uint64_t>("Content-Length");
      return report(true);
    }
    return response.status == 206 && accept_range(response.get_header_value("Content-Range")) && report(true);
  }

  /// "bytes FIRST-LAST/TOTAL" must go on where the file ends.
  bool accept_range(const std::string& range) {
    if (!range.starts_with("bytes " + std::to_string(progress_.bytes) + "-")) return false;
    const auto slash = range.find('/');
    progress_.total = slash == std::string::npos ? 0 : std::strtoull(range.c_str() + slash + 1, nullptr, 10);
    return true;
  }

  bool receive(const char* data, std::size_t count) {
    if (progress_.bytes + count > kLargestDownload)
      fail("\"" + model_.url + "\" sends more than 8 GiB; this is not a model, check the address");
    file_.append(data, count);
    progress_.bytes += count;
    return report(false);
  }

  bool report(bool always) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    progress_.seconds = elapsed.count();
    const bool due = always || progress_.bytes == progress_.total || progress_.seconds >= next_report_;
    if (!due || !on_progress_) return true;
    next_report_ = progress_.seconds + kSecondsBetweenReports;
    stopped_ = !on_progress_(progress_);
    return !stopped_;
  }

  std::optional<std::string> conclude(const Address& address, httplib::Error error) {
    if (stopped_) throw Error("fetching was stopped; run the same command again to go on", ErrorKind::kStopped);
    const int status = response_.status;
    if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) return redirected(address);
    if (status == 416 && progress_.bytes > 0) return std::nullopt;  // nothing is missing; the hash decides
    if (status == 206 && error == httplib::Error::Canceled) fail_and_clear("sent another part than asked for");
    if (status >= 0 && status != 200 && status != 206)
      fail(address.host + " answered " + std::to_string(status) + " for \"" + model_.url + "\"; " + other_way());
    if (status >= 0 && error != httplib::Error::Success)
      fail("the connection to " + address.host + " broke off after " + std::to_string(progress_.bytes) + " of " +
           std::to_string(progress_.total) + " bytes; run the same command again to go on");
    if (error != httplib::Error::Success) fail_to_connect(address, error);
    return std::nullopt;
  }

  std::string redirected(const Address& from) const {
    const std::string location = response_.get_header_value("Location");
    const std::string url = location.starts_with('/') ? from.origin + location : location;
    if (from.origin.starts_with("https://") && !url.starts_with("https://"))
      fail(from.host + " redirects to the insecure address " + printable(url) + "; " + other_way());
    return url;
  }

  [[noreturn]] void fail_and_clear(const std::string& what) {
    file_.clear();
    fail("the server of \"" + model_.url + "\" " + what + "; run the same command again to start anew");
  }

  [[noreturn]] void fail_to_connect(const Address& address, httplib::Error error) const {
    if (error == httplib::Error::SSLServerVerification || error == httplib::Error::SSLLoadingCerts)
      fail("the certificate of " + address.host + " cannot be verified; install the package ca-certificates");
    fail("cannot reach " + address.host + " (" + httplib::to_string(error) + "); check the network, or " + other_way());
  }

  std::string other_way() const {
    return "download \"" + model_.url + "\" elsewhere and run `atelier models import FILE`";
  }

  const PublicModel& model_;
  PartialFile& file_;
  const OnFetch& on_progress_;
  httplib::Response response_;
  FetchProgress progress_;
  bool stopped_ = false;
  double next_report_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void check_digits(const PublicModel& model) {
  require(model.sha256.size() >= 8 && model.sha256.size() <= 64 &&
              model.sha256.find_first_not_of("0123456789abcdef") == std::string::npos,
          "the sha256 " + printable(model.sha256) + " is malformed; give 8 to 64 lower-case hexadecimal digits");
}

/// A model of the user's own is not lost to a public one of its name.
void check_not_taken(const PublicModel& model) {
  const auto is_same = [&](const ModelInfo& known) {
    return known.source == model.url || known.source_sha256.starts_with(model.sha256);
  };
  for (const auto& known : list_models())
    require(known.embedded() || known.name != model.name || is_same(known) || known.damaged(),
            "you have another model called \"" + model.name + "\"; `atelier models remove " + model.name +
                "` makes room for this one");
}

fs::path partial_path(const PublicModel& model) {
  std::error_code error;
  fs::create_directories(model_folder(), error);
  return model_folder() / (model.name + ".partial");
}

}  // namespace

const std::vector<PublicModel>& public_models() {
  // torchvision publishes the first eight digits of the sha256 in the file names (torch.hub, check_hash).
  static const std::vector<PublicModel> models{
      {"vgg19", "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", "dcbb9e9d",
       "VGG-19 trained on ImageNet by torchvision (BSD 3-clause; ImageNet's terms apply), 548 MiB"},
      {"vgg16", "https://download.pytorch.org/models/vgg16-397923af.pth", "397923af",
       "VGG-16 trained on ImageNet by torchvision (BSD 3-clause; ImageNet's terms apply), 528 MiB"}};
  return models;
}

ModelInfo fetch_model(const PublicModel& model, const OnFetch& on_progress) {
  check_digits(model);
  check_not_taken(model);
  PartialFile file(partial_path(model));
  Download(model, file, on_progress).run();
  const std::string hash = sha256_file(file.path());
  if (!hash.starts_with(model.sha256)) {
    file.remove();
    fail("what came from \"" + model.url + "\" is not the promised file (sha256 " + hash + ", expected " +
         model.sha256 + "); run the same command again to start anew");
  }
  ModelInfo imported = import_model(file.path(), {.name = model.name, .source = model.url, .replace = true});
  file.remove();
  return imported;
}

ModelInfo fetch_model(const std::string& name, const OnFetch& on_progress) {
  std::vector<std::string> names;
  for (const auto& model : public_models()) {
    if (model.name == name) return fetch_model(model, on_progress);
    names.push_back(model.name);
  }
  throw Error("there is no model " + printable(name) + " to fetch; " +
              did_you_mean(name, names, "atelier models list"));
}

}  // namespace atelier
