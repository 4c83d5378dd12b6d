#pragma once
#include <filesystem>
#include <string>

namespace atelier {

/// Where the user's own things live: $XDG_DATA_HOME/atelier, or ~/.local/share/atelier. It need not exist.
/// @throws Error (kFailure) when neither XDG_DATA_HOME nor HOME is set.
std::filesystem::path data_folder();

/// Creates `folder` and what lies above it. @throws Error (kFailure) when that is not possible.
void make_folder(const std::filesystem::path& folder);

/// Whether something may be kept under `name`: 1 to 64 of a-z, 0-9, ".", "_" and "-", a letter, digit or "_" first.
bool is_valid_name(const std::string& name);

/// Refuses a name that is_valid_name() does not allow. @param what  "a model", "a style": opens the message.
void check_valid_name(const std::string& what, const std::string& name);

}  // namespace atelier
