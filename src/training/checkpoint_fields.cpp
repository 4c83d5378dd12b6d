#include "training/checkpoint_fields.h"

#include <charconv>
#include <limits>

#include "atelier/error.h"

namespace atelier {
namespace {

template <typename Number>
Number parsed(const WeightSet& saved, const std::string& key) {
  const auto text = text_in(saved, key);
  Number value = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = fault == std::errc() && end == text.data() + text.size();
  require(whole && value >= 0 && value <= std::numeric_limits<Number>::max(),
          "the checkpoint is damaged: its \"" + key + "\" is no number that can be; start without --resume");
  return value;
}

}  // namespace

std::string text_in(const WeightSet& saved, const std::string& key) {
  const auto found = saved.metadata.find(key);
  require(found != saved.metadata.end(),
          "the checkpoint is damaged: it has no \"" + key + "\"; start without --resume");
  return found->second;
}

std::int64_t count_in(const WeightSet& saved, const std::string& key) { return parsed<std::int64_t>(saved, key); }

double number_in(const WeightSet& saved, const std::string& key) { return parsed<double>(saved, key); }

}  // namespace atelier
