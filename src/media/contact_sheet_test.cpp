#include "media/contact_sheet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "atelier/error.h"
#include "support/test_pictures.h"

namespace atelier {
namespace {

using testing::grey_picture;

/// Darkest value among pixels [left, right) × [top, bottom).
float darkest(const Image& image, int left, int top, int right, int bottom) {
  float least = 1;
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x)
      least = std::min(least, image.rgb[static_cast<std::size_t>(3 * (y * image.width + x))]);
  return least;
}

Image grey(int width, int height) {
  return grey_picture(width, height, [](int, int) { return 0.5; });
}

TEST(ContactSheet, PutsPicturesIntoColumnsOnWhite) {
  const auto sheet =
      contact_sheet({{"", grey(100, 50), "", {}}, {"", grey(40, 40), "", {}}, {"", grey(100, 20), "", {}}},
                    {.columns = 2, .cell = 100});
  EXPECT_EQ(sheet.width, 12 + 2 * 112);
  EXPECT_NEAR(darkest(sheet, 12, 12, 112, 62), 0.5, 0.01);
  EXPECT_EQ(darkest(sheet, 164, 12, 224, 60), 1);  // right of the narrow one
  EXPECT_EQ(darkest(sheet, 0, 0, sheet.width, 12), 1);
  EXPECT_NEAR(darkest(sheet, 12, 70, 112, sheet.height), 0.5, 0.01);  // the second row
}

TEST(ContactSheet, ShrinksPicturesToTheirCellAndNeverEnlarges) {
  const auto sheet = contact_sheet({{"", grey(400, 800), "", {}}}, {.columns = 1, .cell = 100});
  EXPECT_EQ(sheet.width, 124);
  EXPECT_LE(sheet.height, 12 + 100 + 4 + 1 + 12);
  EXPECT_EQ(darkest(sheet, 63, 12, 124, 100), 1);
}

TEST(ContactSheet, DrawsLabelsFiguresAndNotes) {
  const auto bare = contact_sheet({{"", grey(100, 50), "", {}}}, {.columns = 1, .cell = 100});
  const auto labelled = contact_sheet({{"gatys <5> & \"more\"", grey(100, 50), "", {"style 0.5", "content 0.4"}}},
                                      {.columns = 1, .cell = 100});
  EXPECT_GT(labelled.height, bare.height + 40);
  EXPECT_LT(darkest(labelled, 12, 12, 112, 24), 0.4);
  EXPECT_LT(darkest(labelled, 12, labelled.height - 32, 112, labelled.height), 0.4);
  const auto note = contact_sheet({{"", {}, "there is no model of that name; see the list of all of them", {}}},
                                  {.columns = 1, .cell = 100});
  EXPECT_GT(note.height, 60);  // it wraps
  EXPECT_EQ(darkest(note, 112, 0, 124, note.height), 1);
}

TEST(ContactSheet, DrawsTextOfAnyBytes) {
  const std::string name = "D\xfcrer\n\x1b";
  EXPECT_GT(contact_sheet({{name, grey(100, 50), "", {name}}}, {.columns = 1, .cell = 100}).height, 90);
  EXPECT_NO_THROW(contact_sheet({{"", {}, name, {}}}, {.columns = 1, .cell = 100}));
}

TEST(ContactSheet, RefusesWhatCannotBeLaidOut) {
  EXPECT_THROW(contact_sheet({}), Error);
  EXPECT_THROW(contact_sheet({{"", grey(4, 4), "", {}}}, {.columns = 0}), Error);
  EXPECT_THROW(contact_sheet({{"", grey(4, 4), "", {}}}, {.columns = 1, .cell = 10}), Error);
}

}  // namespace
}  // namespace atelier
