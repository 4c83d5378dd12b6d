// What the studio refuses, and what strangers cannot do to it.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "server/gate.h"
#include "server/studio_fixture.h"

namespace atelier::server {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A connection that says exactly what it is told to.
class Raw {
 public:
  explicit Raw(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    timeval patience{5, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Raw() { ::close(socket_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  bool send(const std::string& text) const {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  void send_no_more() const { ::shutdown(socket_, SHUT_WR); }
  /// Everything until the server closes the connection.
  std::string read_all() const {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;)
      text.append(buffer, static_cast<std::size_t>(got));
    return text;
  }

 private:
  int socket_;
};

class StudioSecurity : public StudioTest {};

/// The head of a PNG file of 50,000 x 50,000 pixels: 58 bytes that would decode to ten gigabytes.
std::string huge_png() {
  std::string file = png(16);
  for (const std::size_t at : {16U, 20U}) file.replace(at, 4, std::string("\x00\x00\xc3\x50", 4));
  const auto crc = [](const std::string& bytes) {
    std::uint32_t value = 0xffffffffU;
    for (const unsigned char byte : bytes) {
      value ^= byte;
      for (int i = 0; i < 8; ++i) value = (value >> 1) ^ ((value & 1) ? 0xedb88320U : 0);
    }
    return ~value;
  }(file.substr(12, 17));
  for (int i = 0; i < 4; ++i) file[static_cast<std::size_t>(29 + i)] = static_cast<char>(crc >> (24 - 8 * i));
  return file;
}

TEST_F(StudioSecurity, ContentDecidesWhatIsAPicture) {
  start();
  EXPECT_THAT(refusal(upload("just words", "photo.jpg")), StartsWith("422 cannot read picture \"photo.jpg\""));
  EXPECT_THAT(refusal(upload("", "photo.jpg")), StartsWith("422 picture \"photo.jpg\" is empty"));
  const auto half = png(64);
  EXPECT_THAT(refusal(upload(half.substr(0, half.size() / 2))), StartsWith("422 cannot read picture"));
  EXPECT_EQ(upload(png(16), "picture.txt")->status, 201) << "a wrong name does no harm";
  EXPECT_THAT(refusal(upload("<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>", "a.svg")),
              StartsWith("422 "));
}

TEST_F(StudioSecurity, SizesAreRefusedBeforeDecoding) {
  options.max_upload = 2 << 20;
  start();
  const auto before = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal(upload(huge_png())), HasSubstr("422 picture \"photo.png\" is too large (50000 x 50000"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  EXPECT_THAT(refusal(upload(std::string(3 << 20, 'x'))), StartsWith("413 the upload has 3"));
  EXPECT_THAT(refusal(client->Post("/api/jobs", std::string((1 << 20) + 1, ' '), "application/json")),
              StartsWith("413 the upload has"));
  EXPECT_THAT(refusal(post(stylize_job(picture(16), "60000"))), StartsWith("422 the result would have 3600 million"));
}

TEST_F(StudioSecurity, WrongTypesAreNamed) {
  start();
  const auto photo = picture();
  const auto broken = [&](const std::string& field, const json& value) {
    auto job = stylize_job(photo);
    job[field] = value;
    return refusal(post(job));
  };
  EXPECT_EQ(broken("kind", 3), "400 \"kind\" is a number; send a string");
  EXPECT_THAT(broken("kind", "paint"), StartsWith("400 there is no kind of job \"paint\""));
  EXPECT_EQ(broken("content", json::array()), "400 \"content\" is a array; send a string");
  EXPECT_THAT(broken("styles", "great-wave"), StartsWith("400 \"styles\" must be a list"));
  EXPECT_THAT(broken("styles", json::array()), StartsWith("400 \"styles\" must be a list"));
  EXPECT_THAT(broken("styles", {{{"name", "great-wave"}, {"weight", "much"}}}),
              StartsWith("400 \"weight\" is a string"));
  EXPECT_THAT(broken("styles", {{{"name", "great-wave"}, {"weight", -1}}}), StartsWith("400 the weight of style"));
  EXPECT_THAT(broken("styles", {{{"name", "no-such"}}}), StartsWith("404 there is no style \"no-such\""));
  EXPECT_THAT(broken("styles", {{{"name", "a"}, {"picture", photo}}}), StartsWith("400 a style has a"));
  EXPECT_THAT(broken("method", "gatty"), StartsWith("400 there is no method \"gatty\"; did you mean"));
  EXPECT_THAT(broken("settings", {{"size", "large"}}), StartsWith("400 "));
  EXPECT_THAT(broken("settings", {{"size", json::object()}}), StartsWith("400 \"settings.size\" is a object"));
  EXPECT_THAT(broken("surprise", 1), StartsWith("400 there is no field \"surprise\""));
  EXPECT_THAT(refusal(client->Post("/api/jobs", "{not json", "application/json")),
              StartsWith("400 the body is no JSON"));
  EXPECT_THAT(refusal(client->Post("/api/jobs", "[[[[", "application/json")), StartsWith("400 "));
  EXPECT_THAT(refusal(client->Post("/api/jobs", "{}", "text/plain")), StartsWith("415 "));
  EXPECT_THAT(refusal(client->Get("/api/jobs?limit=many")), StartsWith("400 \"limit\" cannot be \"many\""));
  EXPECT_EQ(get("/api/jobs").at("jobs").size(), 0U);
}

TEST_F(StudioSecurity, DeeplyNestedBodiesAreRefused) {
  start();
  const std::string deep = std::string(300'000, '[') + std::string(300'000, ']');
  const std::string expected = "400 the body is nested too deeply; send what /api/openapi.json describes";
  for (const char* field : {"content", "styles", "settings", "surprise"}) {
    const std::string body = R"({"kind":"stylize",")" + std::string(field) + "\":" + deep + "}";
    EXPECT_EQ(refusal(client->Post("/api/jobs", body, "application/json")), expected) << field;
  }
  const auto region = "/api/pictures/" + picture() + "/region";
  const std::string body = R"({"x":0.5,"y":0.5,"shape":)" + deep + "}";
  EXPECT_EQ(refusal(client->Post(region.c_str(), body, "application/json")), expected);
}

TEST_F(StudioSecurity, RefusalsAreOneShortLine) {
  start();
  auto job = stylize_job(picture(), "3\n2");
  EXPECT_EQ(refusal(post(job)), "400 --size cannot be \"3?2\"; give a whole number from 0 to 65500");
  job["settings"] = {{"size", 32}};
  job["styles"] = {{{"picture", job["content"]}, {"weight", 1e30}}};
  job["method"] = "gatys";
  EXPECT_THAT(refusal(post(job)), testing::AllOf(HasSubstr("photo.png"), testing::Not(HasSubstr("/"))));
  job["options"] = {{std::string(100'000, 'x'), "1"}};
  EXPECT_EQ(refusal(post(job)), "400 \"options\" has a name that is too long; see /api/openapi.json");
}

TEST_F(StudioSecurity, NoTextOfAClientBecomesAPath) {
  start();
  const auto photo = picture();
  const auto broken = [&](const std::string& field, const json& value) {
    auto job = stylize_job(photo);
    job[field] = value;
    return refusal(post(job));
  };
  EXPECT_THAT(broken("content", "../../etc/passwd"), StartsWith("404 there is no picture"));
  EXPECT_THAT(broken("styles", {{{"name", "/etc/passwd"}}}), StartsWith("404 there is no style"));
  EXPECT_THAT(broken("styles", {{{"picture", "/etc/passwd"}}}), StartsWith("404 there is no picture"));
  EXPECT_THAT(broken("settings", {{"encoder", "/etc/passwd"}}), StartsWith("400 \"encoder\" cannot be"));
  EXPECT_THAT(broken("settings", {{"preview", "x.png"}}), StartsWith("400 there is no setting \"preview\""));
  EXPECT_THAT(broken("settings", {{"checkpoint", "x"}}), StartsWith("400 there is no setting \"checkpoint\""));
  for (const auto& method : list_methods())
    for (const auto& option : method.options) {
      if (option.kind != Option::Kind::kText || method.takes == "models") continue;
      auto job = stylize_job(photo);
      job["styles"] = {{{"picture", photo}}};
      job["method"] = method.name;
      job["options"] = {{option.name, "../../secret"}};
      EXPECT_THAT(refusal(post(job)), StartsWith("400 \"" + option.name + "\" cannot be")) << method.name;
    }
  const json teach = {{"kind", "teach"}, {"picture", photo}, {"name", "../evil"}};
  EXPECT_THAT(refusal(post(teach)), StartsWith("400 a style cannot be called"));
  EXPECT_THAT(refusal(post({{"kind", "teach"}, {"picture", photo}, {"name", "great-wave"}})), StartsWith("409 "));
  for (const json& seconds : {json(0), json(0.5), json(-5), json(1e9), json("20"), json(true)})
    EXPECT_THAT(refusal(post({{"kind", "teach"}, {"picture", photo}, {"name", "fine"}, {"time_budget", seconds}})),
                StartsWith("400 \"time_budget\" is "))
        << seconds;
  for (const char* path : {"/api/pictures/..%2f..%2fjobs.sqlite", "/api/jobs/..%2F..%2Fx/result", "/%2e%2e/jobs.sqlite",
                           "/api/styles/..%2f..%2fx/thumbnail", "/api/pictures/0123456789ABCDEF", "//etc/passwd"})
    EXPECT_EQ(client->Get(path)->status, 404) << path;
  const auto named = json::parse(upload(png(16), "../../etc/\"passwd\r\nX: y")->body);
  EXPECT_THAT(named.dump(), testing::Not(HasSubstr("..")));
}

TEST_F(StudioSecurity, OnlyItsOwnNameIsAnswered) {
  start();
  for (const char* host : {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example"})
    EXPECT_THAT(refusal(client->Get("/api/methods", {{"Host", host}})), StartsWith("403 this server is not called"))
        << host;
  for (const char* host : {"localhost", "LOCALHOST:99", "127.0.0.1:1", "[::1]:8080"})
    EXPECT_EQ(client->Get("/healthz", {{"Host", host}})->status, 200) << host;
}

TEST_F(StudioSecurity, PagesOfOthersChangeNothing) {
  start();
  const auto job = stylize_job(picture());
  const std::string own = "127.0.0.1:" + std::to_string(port());
  for (const auto& origin : {std::string("https://evil.example"), std::string("null"),
                             std::string("http://127.0.0.1:1"), "http://" + own + ".evil.example"})
    EXPECT_THAT(refusal(post(job, {{"Host", own}, {"Origin", origin}})), StartsWith("403 a page of")) << origin;
  EXPECT_EQ(post(job, {{"Host", own}, {"Origin", "http://" + own}})->status, 202);
}

TEST_F(StudioSecurity, WhereATokenIsSetItIsNeeded) {
  options.token = "open sesame";
  start();
  EXPECT_THAT(refusal(client->Get("/api/jobs")), StartsWith("401 "));
  EXPECT_THAT(refusal(client->Get("/metrics")), StartsWith("401 "));
  EXPECT_THAT(refusal(client->Get("/api/jobs", {{"Authorization", "Bearer open sesamf"}})), StartsWith("401 "));
  EXPECT_EQ(client->Get("/api/jobs", {{"Authorization", "Bearer open sesame"}})->status, 200);
  EXPECT_EQ(client->Get("/healthz")->status, 200);
  EXPECT_EQ(client->Get("/")->status, 200) << "the page can then say what is missing";
  EXPECT_EQ(client->Get("/?token=wrong")->status, 200);
  const auto entry = client->Get("/?token=open%20sesame");
  EXPECT_EQ(entry->status, 303);
  const auto cookie = entry->get_header_value("Set-Cookie");
  EXPECT_THAT(cookie, testing::Not(HasSubstr("sesame")));
  EXPECT_EQ(client->Get("/api/jobs", {{"Cookie", cookie.substr(0, cookie.find(';'))}})->status, 200);
}

TEST_F(StudioSecurity, WithATokenEachSeesTheirOwn) {
  options.token = "t";
  start();
  const auto as = [](char who) {
    return httplib::Headers{{"Authorization", "Bearer t"}, {"Cookie", "a=b; atelier=" + std::string(32, who)}};
  };
  const httplib::MultipartFormDataItems form = {{"picture", png(32), "a.png", "image/png"}};
  const std::string photo = json::parse(client->Post("/api/pictures", as('a'), form)->body)[0]["id"];
  EXPECT_EQ(post(stylize_job(photo), as('b'))->status, 404);
  const auto job = post(stylize_job(photo), as('a'));
  ASSERT_EQ(job->status, 202) << job->body;
  const std::string path = "/api/jobs/" + json::parse(job->body).at("id").get<std::string>();
  EXPECT_EQ(client->Get(path.c_str(), as('a'))->status, 200);
  EXPECT_EQ(client->Get(path.c_str(), as('b'))->status, 404);
  EXPECT_EQ(client->Get(("/api/pictures/" + photo).c_str(), as('b'))->status, 404);
  EXPECT_EQ(json::parse(client->Get("/api/jobs", as('b'))->body).at("jobs").size(), 0U);
}

TEST_F(StudioSecurity, OthersCannotReachAStudioWithoutAToken) {
  options.address = "0.0.0.0";
  EXPECT_THROW(start(), Error);
}

TEST_F(StudioSecurity, SlowClientsAreGivenUp) {
  options.limits.head = std::chrono::milliseconds(400);
  options.limits.stall = std::chrono::milliseconds(400);
  options.limits.idle = std::chrono::milliseconds(400);
  start();
  const auto begin = std::chrono::steady_clock::now();
  const Raw silent(port()), dripping(port()), stuck(port());
  stuck.send(
      "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  dripping.send("GET /healthz HTTP/1.1\r\n");
  for (int i = 0; i < 12; ++i) {  // a byte now and then, which resets no clock
    dripping.send("X");
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  }
  dripping.read_all();
  silent.read_all();
  stuck.read_all();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4)) << "the read above waits for 5";
  EXPECT_EQ(get("/healthz").at("status"), "ok");
}

TEST_F(StudioSecurity, AStatedLengthBuysNoTimeBeyondWhatIsAllowed) {
  options.limits.stall = std::chrono::milliseconds(400);
  options.max_upload = 1000;
  start();
  const Raw dripping(port());
  dripping.send("POST /api/pictures HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n");
  int sent = 0;
  for (; sent < 200 && dripping.send("x"); ++sent) std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_LT(sent, 200);
}

TEST_F(StudioSecurity, MalformedRequestsEndInARefusal) {
  start();
  const std::string host = "Host: localhost\r\n", close = "Connection: close\r\n";
  const auto answer = [&](const std::string& request) {
    const Raw raw(port());
    raw.send(request);
    const auto text = raw.read_all();
    return text.substr(0, text.find('\r'));
  };
  EXPECT_THAT(answer("nonsense\r\n\r\n"), HasSubstr(" 400 "));
  EXPECT_THAT(answer("GET /healthz HTTP/1.1\r\n" + close + "\r\n"), HasSubstr(" 400 ")) << "no host";
  EXPECT_THAT(answer("GET /healthz HTTP/1.1\r\n" + host + "Host: evil\r\n" + close + "\r\n"), HasSubstr(" 400 "));
  EXPECT_THAT(answer("POST /api/jobs HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              HasSubstr(" 411 "));
  EXPECT_THAT(answer("POST /api/jobs HTTP/1.1\r\n" + host + close + "Content-Length: -5\r\n\r\n"), HasSubstr(" 400 "));
  for (const char* most : {"9223372036854775807", "18446744073709551615"})
    EXPECT_THAT(answer("POST /api/jobs HTTP/1.1\r\n" + host + close + "Content-Length: " + most + "\r\n\r\n{}"),
                AnyOf(HasSubstr(" 400 "), HasSubstr(" 413 ")))
        << most;
  EXPECT_THAT(answer("POST /api/jobs HTTP/1.1\r\n" + host + close + "Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}"),
              HasSubstr(" 400 "));
  EXPECT_THAT(
      answer("POST /api/jobs HTTP/1.1\r\n" + host + close + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
      HasSubstr(" 415 "));
  EXPECT_THAT(answer("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + host + close + "\r\n"),
              AnyOf(HasSubstr(" 414 "), HasSubstr(" 400 "), ""));
  std::string many = "GET /healthz HTTP/1.1\r\n" + host;
  for (int i = 0; i < 5000; ++i) many += "X-" + std::to_string(i) + ": " + std::string(100, 'x') + "\r\n";
  EXPECT_THAT(answer(many + "\r\n"), AnyOf(HasSubstr(" 400 "), ""));
  EXPECT_EQ(get("/healthz").at("status"), "ok");
}

TEST_F(StudioSecurity, ARefusalArrivesAlthoughItsBodyIsNotRead) {
  start();
  for (int i = 0; i < 20; ++i) {
    const Raw raw(port());
    raw.send("POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n" + std::string(200'000, 'x'));
    ASSERT_THAT(raw.read_all(), StartsWith("HTTP/1.1 400 ")) << i;
  }
}

TEST_F(StudioSecurity, AClientThatHasNoMoreToSayIsAnswered) {
  start();
  const auto id = picture(64);
  const Raw raw(port());
  raw.send("GET /api/pictures/" + id + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  raw.send_no_more();
  const auto answer = raw.read_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, testing::EndsWith(png(64)));
}

TEST_F(StudioSecurity, APostMayComeWithoutABody) {
  start();
  const std::string id = json::parse(post(stylize_job(picture()))->body).at("id");
  const Raw raw(port());
  raw.send("POST /api/jobs/" + id + "/cancel HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(raw.read_all(), StartsWith("HTTP/1.1 202 "));
}

TEST_F(StudioSecurity, MalformedFormsEndInARefusal) {
  start();
  const auto form = [&](const std::string& body, const std::string& type = "multipart/form-data; boundary=x") {
    const auto answer = client->Post("/api/pictures", body, type.c_str());
    return answer ? answer->status : -1;
  };
  EXPECT_EQ(form("no form at all"), 400);
  EXPECT_EQ(form("--x\r\nContent-Disposition: form-data; name=\"picture\"\r\n\r\nwithout an end"), 400);
  EXPECT_EQ(form("--x\r\nContent-Disposition: form-data; name=\"other\"; filename=\"a\"\r\n\r\nA\r\n--x--\r\n"), 400);
  EXPECT_EQ(form("--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"" + std::string(8000, 'a') +
                 "\"\r\n\r\nA\r\n--x--\r\n"),
            422);
  EXPECT_EQ(form("--x\r\n" + std::string(100'000, 'h') + "\r\n\r\nA\r\n--x--\r\n"), 400);
  EXPECT_EQ(form("", "multipart/form-data"), 400);
  EXPECT_EQ(form("a=b", "application/x-www-form-urlencoded"), 415);
  EXPECT_EQ(get("/healthz").at("status"), "ok");
}

TEST_F(StudioSecurity, ManyRangesAreNotServed) {
  start();
  const auto id = picture(64);
  std::string ranges = "bytes=0-9";
  for (int i = 0; i < 500; ++i) ranges += ",0-9";
  const auto answer = client->Get(("/api/pictures/" + id).c_str(), {{"Range", ranges}});
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, png(64));
}

TEST(RateLimit, LetsABurstThroughAndThenTheMean) {
  RateLimit limit(10);
  int let_in = 0;
  for (int i = 0; i < 200; ++i) let_in += limit.check("203.0.113.5") == 0 ? 1 : 0;
  EXPECT_NEAR(let_in, 40, 2);
  EXPECT_GE(limit.check("203.0.113.5"), 1);
  EXPECT_EQ(limit.check("203.0.113.6"), 0) << "another address";
  EXPECT_EQ(limit.check("127.0.0.1"), 0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(RateLimit(0).check("203.0.113.5"), 0);
}

}  // namespace
}  // namespace atelier::server
