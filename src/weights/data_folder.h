#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace atelier {

/// Where the user's own things live: $XDG_DATA_HOME/atelier, or ~/.local/share/atelier. It need not exist.
/// @throws Error (kFailure) when neither XDG_DATA_HOME nor HOME is set.
std::filesystem::path data_folder();

/// The files NAME.safetensors in a folder of data_folder(), by name; none where that folder, or where to look for it,
/// is not known. Hidden files are unfinished ones.
std::vector<std::filesystem::path> own_files(const std::string& folder);

/// Creates `folder` and what lies above it. @throws Error (kFailure) when that is not possible.
void make_folder(const std::filesystem::path& folder);

/// Deletes a file of the user's own. @throws Error (kFailure) when it is there and that is not possible.
void remove_file(const std::filesystem::path& file);

/// Whether something may be kept under `name`: 1 to 64 of a-z, 0-9, ".", "_" and "-", a letter, digit or "_" first.
bool is_valid_name(const std::string& name);

/// Refuses a name that is_valid_name() does not allow. @param what  "a model", "a style": opens the message.
void check_valid_name(const std::string& what, const std::string& name);

}  // namespace atelier
