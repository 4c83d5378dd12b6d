#include "server/luggage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/sha256.h"

namespace atelier::server {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::string kPhoto = std::string(ATELIER_FIXTURES) + "/photo_64.png";
const std::string kPainting = std::string(ATELIER_FIXTURES) + "/painting_64.png";

Request request() {
  Request request;
  request.content = kPhoto;
  request.styles = {{kPainting, 2, kPhoto}};
  request.size = 64;
  request.seed = 7;
  return request;
}

TEST(Luggage, HoldsPicturesByIdsAndTheFilesByHashes) {
  const auto parcel = Luggage(request()).parcel("0123456789abcdef");
  EXPECT_EQ(parcel.message.id, "0123456789abcdef");
  EXPECT_EQ(parcel.message.kind, "stylize");
  ASSERT_EQ(parcel.message.pictures.size(), 3U);  // mask, style, photo
  const auto& photo = parcel.message.pictures[2];
  EXPECT_EQ(photo.name, kPhoto);
  EXPECT_EQ(photo.sha256, sha256_file(kPhoto));
  EXPECT_EQ(photo.width, 64);
  EXPECT_EQ(parcel.files.size(), 2U);
  EXPECT_EQ(parcel.files.at(photo.sha256), kPhoto);

  const auto posted = json::parse(parcel.message.request);
  EXPECT_EQ(posted["content"], photo.id);
  EXPECT_EQ(posted["styles"][0]["picture"], parcel.message.pictures[1].id);
  EXPECT_EQ(posted["styles"][0]["mask"], parcel.message.pictures[0].id);
  EXPECT_EQ(posted["styles"][0]["weight"], 2);
  EXPECT_EQ(posted["settings"]["seed"], "7");
  EXPECT_EQ(posted["settings"]["size"], "64");
  EXPECT_FALSE(posted["settings"].contains("quality"));  // it is written here
  EXPECT_NE(posted["method"], "auto");
  EXPECT_EQ(posted["draft"], false);
}

TEST(Luggage, HoldsEmbeddedStylesByName) {
  auto wanted = request();
  wanted.styles = {{"great-wave", 1, ""}};
  const auto parcel = Luggage(wanted).parcel("0");
  EXPECT_EQ(json::parse(parcel.message.request)["styles"][0]["name"], "great-wave");
  EXPECT_TRUE(parcel.message.styles.empty());
  EXPECT_EQ(parcel.files.size(), 1U);
}

TEST(Luggage, HoldsModelsThatAreFiles) {
  const std::string model = std::string(ATELIER_SOURCE) + "/models/woodblock.safetensors";
  auto wanted = request();
  wanted.styles = {{model, 1, ""}};
  const auto parcel = Luggage(wanted).parcel("0");
  const auto name = "sent-" + sha256_file(model).substr(0, 16);
  EXPECT_EQ(json::parse(parcel.message.request)["styles"][0]["name"], name);
  EXPECT_EQ(parcel.message.styles.at(name), sha256_file(model));
  EXPECT_EQ(parcel.files.at(sha256_file(model)), model);
}

TEST(Luggage, RefusesWhatStaysHere) {
  const auto refusal = [](const std::function<void(Request&)>& change) {
    auto wanted = request();
    change(wanted);
    try {
      require_travels(wanted);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal([](Request&) {}), "");
  EXPECT_THAT(refusal([](Request& r) { r.preview = "a.png"; }), HasSubstr("--preview"));
  EXPECT_THAT(refusal([](Request& r) { r.checkpoint = "a"; }), HasSubstr("--checkpoint"));
  EXPECT_THAT(refusal([](Request& r) { r.keep_best_on_stop = true; }), HasSubstr("--keep-best"));
  EXPECT_THAT(refusal([](Request& r) { r.threads = 2; }), HasSubstr("atelier worker"));
  EXPECT_THAT(refusal([](Request& r) { r.memory = 1; }), HasSubstr("--memory"));
  EXPECT_THAT(refusal([](Request& r) { r.encoder = kPhoto; }), HasSubstr("--encoder"));
}

TEST(Luggage, RefusesModelsThatNeedAnImport) {
  auto wanted = request();
  wanted.styles = {{std::string(ATELIER_FIXTURES) + "/johnson/lengstrom.safetensors", 1, ""}};
  EXPECT_THROW(Luggage{wanted}, Error);
}

TEST(Luggage, RefusesPhotosThatAreNone) {
  auto wanted = request();
  wanted.content = "missing.jpg";
  EXPECT_THROW(Luggage{wanted}, Error);
}

}  // namespace
}  // namespace atelier::server
