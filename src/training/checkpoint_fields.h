#pragma once
#include <cstdint>
#include <string>

#include "weights/weight_set.h"

namespace atelier {

/// What a checkpoint's metadata says under `key`. @throws Error when there is nothing.
std::string text_in(const WeightSet& saved, const std::string& key);

/// The same as a number that is finite and not negative. @throws Error when it is none.
std::int64_t count_in(const WeightSet& saved, const std::string& key);
double number_in(const WeightSet& saved, const std::string& key);

}  // namespace atelier
