#pragma once
#include "methods/method.h"
#include "support/fixtures.h"

namespace atelier {

/// photo_64.png, to be painted like painting_64.png.
inline Inputs fixture_pair() {
  Inputs inputs;
  inputs.content = read_fixture("photo_64.png");
  inputs.styles.resize(1);
  inputs.styles[0].picture = read_fixture("painting_64.png");
  return inputs;
}

}  // namespace atelier
