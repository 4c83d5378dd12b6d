#pragma once
#include <string>
#include <vector>

namespace atelier {

struct MethodInfo;

/// What a StyleRequest::source leads to: a picture, or a style that a model has learnt.
struct StyleSource {
  std::string picture;               ///< file; empty for a model
  std::string model, entry, method;  ///< as in Style; the method that the model names

  bool is_model() const { return picture.empty(); }
};

/// Finds, in this order: a picture file, a model file, a style of a model file (FILE/STYLE), a style by its name. What
/// a file is shows in its content; one that is neither, or a folder, does not hide a style of its name. Other projects'
/// models that a method knows need not be imported.
/// @throws Error when there is none, suggesting the nearest name, or when a model holds no style or several.
StyleSource find_style_source(const std::string& source);

/// The method that `auto` stands for when all styles are pictures.
std::string auto_method_for_pictures();

/// Refuses a style that `method` cannot paint: a model for one that takes pictures, the reverse, or another method's
/// model. `name` is the style as typed.
void check_takes(const MethodInfo& method, const std::string& name, const StyleSource& source);

/// Names of the files in the folder of `file`, written like it: to find the one that was meant.
std::vector<std::string> names_beside(const std::string& file);

}  // namespace atelier
