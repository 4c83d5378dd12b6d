#pragma once
#include <map>
#include <string>
#include <vector>

#include "atelier/option.h"

namespace atelier {

/// "1 to 10000": the range of a kNumber or kInteger.
std::string range_text(const Option& option);

/// Values for a list of options: checked, defaults filled in.
class Values {
 public:
  /// @throws Error for an unknown name (suggesting the nearest), a value that does not parse,
  ///         is out of range or is not among the choices.
  Values(const std::vector<Option>& options, const std::map<std::string, std::string>& given);

  double number(const std::string& name) const;
  long integer(const std::string& name) const;
  bool flag(const std::string& name) const;
  const std::string& text(const std::string& name) const;  ///< text, path, choice or colour
  bool given(const std::string& name) const;               ///< was it set by the caller?
  const std::map<std::string, std::string>& all() const { return values_; }

 private:
  const std::string& find(const std::string& name) const;
  std::map<std::string, std::string> values_;
  std::map<std::string, bool> given_;
};

/// Puts both lists together.
std::vector<Option> joined_options(std::vector<Option> first, const std::vector<Option>& second);

}  // namespace atelier
