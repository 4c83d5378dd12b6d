#include "core/markup.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(Markup, WritesOutWhatMeansSomething) {
  EXPECT_EQ(markup_escaped("a < b > \"c\" & 'd'"), "a &lt; b &gt; &quot;c&quot; &amp; 'd'");
}

TEST(Markup, IsUtf8WhateverTheNames) { EXPECT_EQ(markup_escaped("D\xfcrer & co"), "D\xef\xbf\xbdrer &amp; co"); }

}  // namespace
}  // namespace atelier
