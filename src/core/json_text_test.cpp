#include "core/json_text.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(JsonText, ReplacesWhatIsNoUtf8) {
  const nlohmann::ordered_json json{{"name", "D\xfcrer"}, {"title", "Dürer"}};
  EXPECT_EQ(json_text(json), "{\"name\":\"D\xef\xbf\xbdrer\",\"title\":\"Dürer\"}");
  EXPECT_TRUE(nlohmann::json::accept(json_text(nlohmann::json{{"\xff", "\xc3"}})));
}

TEST(JsonText, IndentsWhereWanted) { EXPECT_EQ(json_text(nlohmann::json{1}, 2), "[\n  1\n]"); }

}  // namespace
}  // namespace atelier
