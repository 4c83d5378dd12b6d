#pragma once
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace atelier {

/// A setting of a method or of the program, described once: the command line's help, the
/// server's JSON and the studio's form are all made from this.
struct Option {
  enum class Kind { kNumber, kInteger, kChoice, kFlag, kText, kPath, kColour };

  std::string name;  ///< as typed after "--", for instance "content-layer"
  std::string help;  ///< one line; starts with a small letter, no full stop
  Kind kind = Kind::kNumber;
  std::string default_value;         ///< as it would be typed
  double lowest = 0, highest = 0;    ///< kNumber and kInteger: inclusive
  std::vector<std::string> choices;  ///< kChoice

  static Option number(std::string name, std::string help, double default_value, double lowest, double highest);
  static Option integer(std::string name, std::string help, long default_value, long lowest, long highest);
  static Option choice(std::string name, std::string help, std::string default_value,
                       std::vector<std::string> choices);
  static Option flag(std::string name, std::string help);
  static Option text(std::string name, std::string help, std::string default_value = "");
  static Option path(std::string name, std::string help);
  static Option colour(std::string name, std::string help, std::string default_value);
};

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

}  // namespace atelier
