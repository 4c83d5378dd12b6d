#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/painting.h"
#include "cli/parse.h"
#include "cli/plan.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "core/output_file.h"
#include "evaluation/comparison_report.h"
#include "media/find_images.h"
#include "media/image_file.h"

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

struct Typed {
  std::string methods, style, output, html, keep, yardstick = "compact";
  std::vector<std::string> contents, options;
  int columns = 0, cell = 320;
  std::map<std::string, std::string> settings;
  DetailFlags detail;
};

/// The settings that make sense for several methods and photos.
std::vector<Option> shared_settings() {
  constexpr std::array kShared = {"strength",  "size", "style-size", "color",  "encoder",
                                  "precision", "seed", "memory",     "threads"};
  std::vector<Option> shared;
  for (const auto& option : request_options())
    if (std::find(kShared.begin(), kShared.end(), option.name) != kShared.end()) shared.push_back(option);
  return shared;
}

/// Where painted pictures lie while the sheet is made; removed at the end unless it was asked for.
class PictureFolder {
 public:
  explicit PictureFolder(const std::string& keep) : kept_(!keep.empty()) {
    std::string temporary = (fs::temp_directory_path() / "atelier-compare-XXXXXX").string();
    if (!kept_ && mkdtemp(temporary.data()) == nullptr)
      throw Error("cannot make a temporary folder; give --keep DIR", ErrorKind::kFailure);
    path_ = kept_ ? fs::path(keep) : fs::path(temporary);
    std::error_code error;
    fs::create_directories(path_, error);
    if (error)
      throw Error("cannot create the folder \"" + keep + "\": " + error.message() + "; give another --keep",
                  ErrorKind::kFailure);
  }
  ~PictureFolder() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  PictureFolder(const PictureFolder&) = delete;
  PictureFolder& operator=(const PictureFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  bool kept_;
  fs::path path_;
};

std::vector<std::string> expanded(const std::vector<std::string>& given) {
  std::vector<std::string> photos;
  for (const auto& path : given) {
    if (!fs::is_directory(path)) {
      photos.push_back(path);
      continue;
    }
    const auto found = find_images(path);
    require(!found.empty(), "there is no picture in the folder \"" + path + "\"; give photos or another folder");
    for (const auto& file : found) photos.push_back(file.string());
  }
  return photos;
}

ComparisonRequest comparison_request(const Typed& typed, const fs::path& folder) {
  ComparisonRequest request;
  request.contents = expanded(typed.contents);
  request.style = typed.style;
  request.methods = parse_compared_methods(typed.methods);
  for (const auto& option : typed.options) set_compared_option(option, request.methods);
  apply_options(request.common, typed.settings);
  request.folder = folder;
  request.yardstick = typed.yardstick;
  return request;
}

/// Before anything is painted. What --keep keeps has numbered names.
void check_output_files(const Typed& typed, const ComparisonRequest& request) {
  auto inputs = request.contents;
  inputs.push_back(request.style);
  check_output(typed.output);
  check_writable("output", typed.output, inputs);
  if (!typed.html.empty()) check_writable("page", typed.html, inputs);
}

/// One line for each cell as it is done, through the reporter so that it does not run into its bar.
ComparisonObserver observer_for(Reporter& reporter) {
  ComparisonObserver observer;
  observer.on_start = [&](const Request& request) { reporter.start(request); };
  observer.on_progress = [&](const Progress& progress) {
    reporter.progress(progress);
    return !interrupted();
  };
  observer.on_cell = [&](const Comparison& comparison, std::size_t content, std::size_t method) {
    const auto& cell = comparison.cells[content][method];
    Progress done;
    done.note = comparison.labels[method] + ", " + fs::path(comparison.contents[content]).filename().string() + ": ";
    if (!cell.fault.empty()) done.note += cell.fault;
    if (cell.fault.empty())
      for (const auto& line : figure_lines(cell)) done.note += line + "  ";
    reporter.progress(done);
  };
  return observer;
}

std::size_t count_cells(const Comparison& comparison, bool (*what)(const ComparisonCell&)) {
  std::size_t count = 0;
  for (const auto& row : comparison.cells)
    count += static_cast<std::size_t>(std::count_if(row.begin(), row.end(), what));
  return count;
}

/// @returns whether every picture is on it.
bool write_sheet(const Typed& typed, const Comparison& comparison, Reporter& reporter) {
  const auto sheet = comparison_sheet(comparison, typed.columns, typed.cell);
  write_image(typed.output, sheet.picture);
  for (const auto& reason : sheet.blanks) {
    Progress told;
    told.note = "left blank on the sheet: " + reason;
    reporter.progress(told);
  }
  if (!typed.html.empty()) {
    AtomicFile page(typed.html);
    page.write(comparison_html(comparison));
    page.commit();
  }
  return sheet.blanks.empty();
}

int run(const Typed& typed) {
  const PictureFolder folder(typed.keep);
  const auto request = comparison_request(typed, folder.path());
  check_output_files(typed, request);
  const auto reporter = make_reporter(typed.detail.detail());
  const auto comparison = compare_methods(request, observer_for(*reporter));
  const auto painted = count_cells(comparison, [](const ComparisonCell& cell) { return !cell.picture.empty(); });
  const auto failed = count_cells(comparison, [](const ComparisonCell& cell) { return !cell.fault.empty(); });
  const bool worth_showing = painted > 0 || comparison.complete;
  const bool whole = !worth_showing || write_sheet(typed, comparison, *reporter);
  reporter->summary(static_cast<int>(painted), static_cast<int>(failed), 0);
  if (!comparison.complete)
    throw Error(painted > 0 ? "stopped; the sheet shows what was painted until then" : "stopped; nothing was written",
                ErrorKind::kStopped);
  return failed == 0 && whole ? 0 : 1;
}

}  // namespace

Run describe_compare(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  app.add_option("--methods", typed->methods, "methods with commas between; METHOD:STYLE for one that paints a model's")
      ->required()
      ->type_name("LIST");
  app.add_option("--content", typed->contents, "photos, or folders of them; a row each")
      ->required()
      ->type_name("FILE...");
  app.add_option("-s,--style", typed->style, "the painting to paint like and to measure against")
      ->required()
      ->type_name("FILE");
  app.add_option("-o,--output", typed->output, "sheet to write")->required()->type_name("FILE");
  app.add_option("--html", typed->html, "page with the pictures, figures and charts to write")->type_name("FILE");
  app.add_option("--keep", typed->keep, "folder to keep the painted pictures in")->type_name("DIR");
  app.add_option("--set", typed->options, "option of one method, such as gatys.steps=100; may be repeated")
      ->type_name("METHOD.OPTION=VALUE")
      ->allow_extra_args(false);
  app.add_option("--yardstick", typed->yardstick, "network whose features measure: a model name or weight file")
      ->type_name("NAME");
  app.add_option("--columns", typed->columns, "pictures in a row, for one photo [up to 5]")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  app.add_option("--cell", typed->cell, "width of a column in pixels")->type_name("N")->check(CLI::Range(64, 2048));
  add_options(app, shared_settings(), "Settings", typed->settings);
  typed->detail.add_to(app);
  app.footer(
      "A method that fails and a photo that is damaged are said so in their places. Ctrl-C writes what is done.\n\n"
      "Example:\n  atelier compare --methods gatys,conditional-in:great-wave --content photo.jpg --style painting.jpg "
      "-o sheet.png --html sheet.html\n");
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
