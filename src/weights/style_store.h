#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "weights/weight_set.h"

namespace atelier {

/// A style that a model has learnt, as a gallery's label tells of it; what is not known is empty.
struct StyleCard {
  std::string name;  ///< as typed after --style, for instance "great-wave"
  std::string title = {}, artist = {}, year = {}, died = {}, medium = {}, credit = {};
  std::string method = {};          ///< that paints with it, for instance "conditional-in"
  std::string model = {};           ///< that holds it, as open_model() takes it
  std::string entry = {};           ///< which of the model's styles; empty when the model names none
  std::filesystem::path file = {};  ///< of the user's own model or style; empty for an embedded one
  bool damaged = false;             ///< the file cannot be read
  bool has_thumbnail = false;       ///< style_thumbnail() gives one

  bool embedded() const { return file.empty(); }
};

/// The user's folder of styles: $XDG_DATA_HOME/atelier/styles. It need not exist.
std::filesystem::path style_folder();

/// The styles of a model file of kind "style", named by their entries; one without a name when the model names none.
/// What metadata "cards" (a JSON array of objects: name, title, artist, year, died, medium, credit) tells of them
/// is filled in, or for a model of one style the same keys of the metadata itself.
/// @param model   as open_model() takes it.
/// @throws Error  when there is no such model, it is damaged, of another kind, or does not name its method.
/// @param recognise  turns weights of other projects into a model; may be empty.
std::vector<StyleCard> styles_in(const std::string& model, const RecogniseWeights& recognise = {});

/// Every style: the embedded ones in their models' order, then the user's styles by name, then those of the user's
/// models, called MODEL or, where a model holds several, MODEL/STYLE. A damaged file is listed as such.
std::vector<StyleCard> list_styles();

/// A style by its name, or MODEL/STYLE; the user's own goes before an embedded one of the same name.
/// @param others  names of files to suggest beside the styles' when there is none of that name.
/// @throws Error  with the nearest name, the names to choose from when `name` is a model of several styles, or what the
///                model is that has this name and holds none.
StyleCard find_style(const std::string& name, const std::vector<std::string>& others = {});

/// Whether `name` means this style: an embedded one has a name of its own and that of its place, such as
/// gallery/scream.
bool is_called(const StyleCard& card, const std::string& name);

/// Refuses a style whose file cannot be read. @param name  as it was typed.
void check_not_damaged(const StyleCard& card, const std::string& name);

/// The style's thumbnail, a JPEG or PNG file's bytes; empty when the model holds none.
std::string style_thumbnail(const StyleCard& card);

/// Keeps a model of one style in the user's folder as NAME.safetensors, atomically; an earlier style of that name is
/// replaced. The metadata kind, method, title, artist, year, died, medium, credit and content_sha256 are set from
/// `card`, whose name is `name`; other metadata of `model` stays.
/// @param thumbnail  a small JPEG or PNG file's bytes, kept as the tensor "thumbnail"; may be empty.
/// @return           the style as it is found from now on.
/// @throws Error     when the name is malformed or another style's, the method is missing, or the file cannot be
///                   written (an earlier one is then intact).
StyleCard save_style(WeightSet model, const StyleCard& card, const std::string& thumbnail = "");

/// Refuses a name that a style has already: an embedded one or the user's.
/// @param file  whose styles do not count, being replaced.
void check_style_name_is_free(const std::string& name, const std::filesystem::path& file);

/// Refuses a name that save_style() would refuse.
void check_style_name(const std::string& name);

/// The same for a name under which nothing can be written: to be called before any work.
void check_style_can_be_saved(const std::string& name);

/// Whether remove_style() deletes it: a style of the user's own which is not part of a model.
bool is_removable(const StyleCard& card);

/// Deletes a style of the user's own.
/// @throws Error when there is none, or it is embedded or part of a model.
void remove_style(const std::string& name);

}  // namespace atelier
