#include "filters/filter_folder.h"

#include <map>
#include <system_error>

#include "atelier/error.h"
#include "media/find_images.h"
#include "media/image_file.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& file, const fs::path& folder) {
  const auto relative = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

/// The pictures to make, each with the one it is made from.
std::map<fs::path, fs::path> planned(const fs::path& input, const fs::path& output) {
  require(!fs::is_directory(input) || !lies_in(input, output),
          "the pictures lie in the output folder itself; give another folder to write to");
  std::map<fs::path, fs::path> sources;
  for (const auto& file : find_images(input)) {
    if (lies_in(file, output)) continue;
    auto name = fs::is_directory(input) ? file.lexically_relative(input) : file.filename();
    const auto target = output / name.replace_extension(".png");
    const auto [earlier, fresh] = sources.emplace(target, file);
    require(fresh, "\"" + earlier->second.string() + "\" and \"" + file.string() + "\" would both become \"" +
                       target.string() + "\"; rename one");
  }
  require(!sources.empty(), "there is no picture in \"" + input.string() + "\"; give a folder of photos or paintings");
  return sources;
}

void create_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error("cannot create the folder \"" + folder.string() + "\": " + error.message() + "; give another one",
                ErrorKind::kFailure);
}

}  // namespace

FilterReport filter_folder(const fs::path& input, const fs::path& output, int max_side,
                           const std::function<Image(const Image&)>& filter,
                           const std::function<void(std::size_t)>& on_progress) {
  FilterReport report;
  std::size_t done = 0;
  for (const auto& [target, source] : planned(input, output)) {
    if (on_progress) on_progress(done++);
    Image picture;
    try {
      picture = read_image(source.string(), {.max_side = max_side});
    } catch (const Error& error) {
      report.skipped.emplace_back(error.what());  // one broken file must not end the run
      continue;
    }
    const auto made = filter(picture);
    create_folder(target.parent_path());
    write_image(target.string(), made, {.strip = true});
    ++report.written;
  }
  if (report.written == 0) throw Error(report.skipped.front());
  return report;
}

}  // namespace atelier
