#include "weights/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "core/sha256.h"
#include "support/weight_files.h"
#include "weights/import_model.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using test::message_of;
using testing::HasSubstr;

/// A server on this machine that offers one model of 4 MB, in good and bad ways.
class Fetch : public testing::Test {
 protected:
  Fetch() {
    ::setenv("XDG_DATA_HOME", home_.path().c_str(), 1);
    std::vector<float> values(1'000'000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    write_safetensors(home_ / "x", WeightSetBuilder().add_floats("x", {1'000'000}, values).build());
    content_ = test::read_text(home_ / "x");
    server_.Get("/good.pth", [this](const httplib::Request& request, httplib::Response& response) {
      ranges_.push_back(request.get_header_value("Range"));
      response.set_content(content_, "application/octet-stream");
    });
    server_.Get("/moved.pth", [](const auto&, auto& response) { response.set_redirect("/good.pth"); });
    server_.Get("/circle.pth", [](const auto&, auto& response) { response.set_redirect("/circle.pth"); });
    server_.Get("/cut.pth", [this](const auto&, auto& response) { send_half(response); });
    server_.Get("/other-part.pth", [](const httplib::Request& request, httplib::Response& response) {
      const_cast<httplib::Request&>(request).ranges.clear();  // else httplib would cut the content
      response.status = 206;
      response.set_header("Content-Range", "bytes 7-8/9");
      response.set_content("xx", "application/octet-stream");
    });
    server_.Get("/no-range.pth", [this](const httplib::Request& request, httplib::Response& response) {
      const_cast<httplib::Request&>(request).ranges.clear();
      response.status = 200;
      response.set_content(content_, "application/octet-stream");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ~Fetch() override {
    server_.stop();
    thread_.join();
    ::unsetenv("XDG_DATA_HOME");
  }

  void send_half(httplib::Response& response) {
    response.set_content_provider(content_.size(), "application/octet-stream",
                                  [this](std::size_t offset, std::size_t, httplib::DataSink& sink) {
                                    if (offset >= content_.size() / 2) return false;
                                    sink.write(content_.data() + offset, 65536);
                                    return true;
                                  });
  }

  PublicModel model(const std::string& path) const {
    return {"served", "http://127.0.0.1:" + std::to_string(port_) + path, sha256_hex(test::as_bytes(content_)), ""};
  }
  std::filesystem::path partial() const { return model_folder() / "served.partial"; }
  void keep_partial(std::string_view bytes) {
    std::filesystem::create_directories(model_folder());
    test::write_text(partial(), bytes);
  }
  void expect_fetched() {
    EXPECT_EQ(open_model("served").floats("x")[999'999], 999'999.f);
    EXPECT_FALSE(std::filesystem::exists(partial()));
  }

  test::TemporaryFolder home_;
  std::string content_;
  httplib::Server server_;
  std::vector<std::string> ranges_;
  int port_ = 0;
  std::thread thread_;
};

TEST_F(Fetch, DownloadsChecksAndImports) {
  std::vector<FetchProgress> seen;
  const auto info = fetch_model(model("/good.pth"), [&](const FetchProgress& progress) {
    seen.push_back(progress);
    return true;
  });
  expect_fetched();
  EXPECT_EQ(info.source, model("/good.pth").url);
  ASSERT_GE(seen.size(), 2u);
  EXPECT_EQ(seen.front().total, content_.size());
  EXPECT_EQ(seen.back().bytes, content_.size());
}

TEST_F(Fetch, FetchesAgainButReplacesNoModelFromElsewhere) {
  fetch_model(model("/good.pth"));
  fetch_model(model("/good.pth"));
  expect_fetched();
  write_safetensors(home_ / "mine", WeightSetBuilder().add_floats("x", {1}, std::vector<float>{7}).build());
  import_model(home_ / "mine", {.name = "served", .replace = true});
  EXPECT_THAT(message_of([&] { fetch_model(model("/good.pth")); }), HasSubstr("`atelier models remove served`"));
  EXPECT_EQ(open_model("served").floats("x")[0], 7);
  import_model(home_ / "x", {.name = "served", .replace = true});  // the public one, copied by hand
  EXPECT_NO_THROW(fetch_model(model("/good.pth")));
}

TEST_F(Fetch, AcceptsTheFirstDigitsOfTheHash) {
  auto short_hash = model("/good.pth");
  short_hash.sha256 = short_hash.sha256.substr(0, 8);
  fetch_model(short_hash);
  expect_fetched();
}

TEST_F(Fetch, FollowsRedirectsButNotInCircles) {
  fetch_model(model("/moved.pth"));
  expect_fetched();
  remove_model("served");
  EXPECT_THAT(message_of([&] { fetch_model(model("/circle.pth")); }), HasSubstr("circles"));
}

TEST_F(Fetch, GoesOnWhereACutConnectionStopped) {
  EXPECT_THAT(message_of([&] { fetch_model(model("/cut.pth")); }), HasSubstr("broke off after"));
  const auto kept = std::filesystem::file_size(partial());
  EXPECT_GE(kept, content_.size() / 4);
  EXPECT_LT(kept, content_.size());
  std::uint64_t resumed = 0;
  fetch_model(model("/good.pth"), [&](const FetchProgress& progress) {
    resumed = progress.resumed;
    return true;
  });
  EXPECT_EQ(ranges_, std::vector<std::string>{"bytes=" + std::to_string(kept) + "-"});
  EXPECT_EQ(resumed, kept);
  expect_fetched();
}

TEST_F(Fetch, StartsAnewWhenTheServerIgnoresRange) {
  keep_partial(content_.substr(0, 1000));
  fetch_model(model("/no-range.pth"));
  expect_fetched();
}

TEST_F(Fetch, UsesACompleteFileThatWasNotYetImported) {
  keep_partial(content_);
  fetch_model(model("/good.pth"));
  expect_fetched();
}

TEST_F(Fetch, DeletesWhatHasTheWrongHash) {
  auto wrong = model("/good.pth");
  wrong.sha256 = std::string(64, '0');
  EXPECT_THAT(message_of([&] { fetch_model(wrong); }), HasSubstr("is not the promised file"));
  EXPECT_FALSE(std::filesystem::exists(partial()));
  keep_partial("from another file");  // the same for a resumed one
  EXPECT_THAT(message_of([&] { fetch_model(model("/good.pth")); }), HasSubstr("is not the promised file"));
  EXPECT_FALSE(std::filesystem::exists(partial()));
  EXPECT_THROW(find_model("served"), Error);
}

TEST_F(Fetch, DropsAPartThatWasNotAskedFor) {
  keep_partial("begun");
  EXPECT_THAT(message_of([&] { fetch_model(model("/other-part.pth")); }), HasSubstr("another part"));
  EXPECT_EQ(std::filesystem::file_size(partial()), 0u);
}

TEST_F(Fetch, StopsWhenAskedAndKeepsWhatCame) {
  try {
    fetch_model(model("/good.pth"), [](const FetchProgress& progress) { return progress.bytes == 0; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kStopped);
  }
  EXPECT_TRUE(std::filesystem::exists(partial()));
  fetch_model(model("/good.pth"));
  expect_fetched();
}

TEST_F(Fetch, SaysWhatTheServerAnswered) {
  const auto message = message_of([&] { fetch_model(model("/absent.pth")); });
  EXPECT_THAT(message, HasSubstr("127.0.0.1 answered 404"));
  EXPECT_THAT(message, HasSubstr("atelier models import FILE"));
}

TEST_F(Fetch, SaysWhenNobodyAnswers) {
  PublicModel offline = model("/good.pth");
  offline.url = "http://127.0.0.1:1/good.pth";
  EXPECT_THAT(message_of([&] { fetch_model(offline); }), HasSubstr("cannot reach 127.0.0.1"));
}

TEST_F(Fetch, LetsOnlyOneRunWrite) {
  const auto message = message_of([&] {
    fetch_model(model("/good.pth"), [&](const FetchProgress&) {
      fetch_model(model("/good.pth"));
      return true;
    });
  });
  EXPECT_THAT(message, HasSubstr("by another run"));
}

TEST_F(Fetch, RefusesInsecureAndMalformedRequests) {
  for (const std::string url :
       {"http://example.org/x", "ftp://127.0.0.1/x", "nonsense", "https://host", "http://localhost:80@example.org/x"}) {
    PublicModel bad = model("/good.pth");
    bad.url = url;
    EXPECT_THROW(fetch_model(bad), Error) << url;
  }
  PublicModel bad = model("/good.pth");
  bad.sha256 = "dcbb";
  EXPECT_THAT(message_of([&] { fetch_model(bad); }), HasSubstr("sha256 \"dcbb\" is malformed"));
  EXPECT_THAT(message_of([] { fetch_model("vgg18"); }), HasSubstr("did you mean \"vgg1"));
}

TEST_F(Fetch, ReportsAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full here";
  std::filesystem::create_directories(model_folder());
  std::filesystem::create_symlink("/dev/full", partial());
  EXPECT_THAT(message_of([&] { fetch_model(model("/good.pth")); }), HasSubstr("No space left on device"));
}

}  // namespace
}  // namespace atelier
