#pragma once
#include <string>
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
  static Option choice(std::string name, std::string help, std::string default_value, std::vector<std::string> choices);
  static Option flag(std::string name, std::string help);
  static Option text(std::string name, std::string help, std::string default_value = "");
  static Option path(std::string name, std::string help);
  /// `default_value` and every value are "#rrggbb".
  static Option colour(std::string name, std::string help, std::string default_value);
};

/// The kind as the catalogue's JSON names it: "number", "integer", "choice", "flag", "text",
/// "path" or "colour".
const char* kind_name(Option::Kind kind);

}  // namespace atelier
