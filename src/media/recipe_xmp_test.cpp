#include "media/recipe_xmp.h"

#include <gtest/gtest.h>

#include "atelier/error.h"

namespace atelier {
namespace {

const std::string kForeign =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><r:RDF "
    "xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"></r:RDF></x:xmpmeta>";
const std::string kUsual = "<x:xmpmeta><rdf:RDF><rdf:Description a=\"1\"/></rdf:RDF></x:xmpmeta>";

TEST(RecipeXmp, ReturnsWhatWasPutIn) {
  for (const std::string recipe : {"{}", "a<b>&amp;&lt;\"'", "Öl auf Leinwand", ""})
    EXPECT_EQ(recipe_in(with_recipe("", recipe)), recipe);
}

TEST(RecipeXmp, KeepsOtherProperties) {
  const std::string packet = with_recipe(kUsual, "{}");
  EXPECT_EQ(packet.find("<x:xmpmeta><rdf:RDF><rdf:Description a=\"1\"/><rdf:Description"), 0u);
  EXPECT_EQ(without_recipe(packet), kUsual);
}

TEST(RecipeXmp, ReplacesTheOlderRecipe) {
  EXPECT_EQ(with_recipe(with_recipe(kUsual, "first"), "second"), with_recipe(kUsual, "second"));
}

TEST(RecipeXmp, StartsAfreshWhereItCannotMerge) {
  EXPECT_EQ(with_recipe(kForeign, "{}"), with_recipe("", "{}"));
  EXPECT_EQ(with_recipe("no xml at all", "{}"), with_recipe("", "{}"));
  std::string broken = kUsual;
  broken[12] = '\0';
  EXPECT_EQ(with_recipe(broken, "{}"), with_recipe("", "{}"));
}

TEST(RecipeXmp, TakesTheWrapperOff) {
  EXPECT_EQ(with_recipe("<?xpacket begin=\"\"?>\n" + kUsual + "   <?xpacket end=\"w\"?>", "{}"),
            with_recipe(kUsual, "{}"));
}

TEST(RecipeXmp, DropsTheRestWhenBothAreTooLongForAJpeg) {
  const std::string large = "<x:xmpmeta><rdf:RDF>" + std::string(64'900, 'x') + "</rdf:RDF></x:xmpmeta>";
  EXPECT_EQ(with_recipe(large, "{}"), with_recipe("", "{}"));
}

TEST(RecipeXmp, FindsNothingInOtherText) {
  EXPECT_EQ(recipe_in(""), std::nullopt);
  EXPECT_EQ(recipe_in(kUsual), std::nullopt);
  const std::string packet = with_recipe("", "{}");
  EXPECT_EQ(recipe_in(packet.substr(0, packet.find("{}") + 5)), std::nullopt);
}

TEST(RecipeXmp, RefusesARecipeTooLongForAJpeg) { EXPECT_THROW(with_recipe("", std::string(65'000, 'x')), Error); }

}  // namespace
}  // namespace atelier
