#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/painting.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "core/json_text.h"
#include "media/image_format.h"
#include "stylize/add_style.h"
#include "weights/style_store.h"

namespace atelier::cli {
namespace {

using nlohmann::ordered_json;

/// "The Great Wave off Kanagawa, Katsushika Hokusai, 1831"
std::string headline(const StyleCard& style) {
  if (style.damaged) return "damaged; add or import it again";
  std::string text;
  for (const auto* part : {&style.title, &style.artist, &style.year})
    if (!part->empty()) text += (text.empty() ? "" : ", ") + *part;
  return text;
}

ordered_json json_of(const StyleCard& style) {
  return {{"name", style.name},           {"title", style.title},    {"artist", style.artist}, {"year", style.year},
          {"died", style.died},           {"medium", style.medium},  {"credit", style.credit}, {"method", style.method},
          {"embedded", style.embedded()}, {"damaged", style.damaged}};
}

int list(bool json) {
  const auto styles = list_styles();
  if (json) {
    auto array = ordered_json::array();
    for (const auto& style : styles) array.push_back(json_of(style));
    say(json_text(array) + "\n");
    return 0;
  }
  std::string gallery, own;
  for (const auto& style : styles)
    (style.embedded() ? gallery : own) += padded(shown(style.name), 24) + headline(style) + "\n";
  if (!own.empty() && !gallery.empty()) own = "\nYour own:\n" + own;
  say(styles.empty() ? "no styles; `atelier styles add PAINTING --name NAME` makes one\n" : gallery + own);
  return 0;
}

/// A file is not called PNG that holds a JPEG, or the reverse.
void check_ending(const std::string& file, const std::string& bytes) {
  const auto codec = format_of(file).codec;
  if (bytes.starts_with("\x89PNG"))
    return require(codec == ImageFormat::Codec::kPng, "the thumbnail is kept as PNG; name a file that ends in .png");
  require(codec == ImageFormat::Codec::kJpeg, "the thumbnail is kept as JPEG; name a file that ends in .jpg");
}

int show(const std::string& name, const std::string& thumbnail) {
  const auto style = find_style(name);
  check_not_damaged(style, name);
  if (!thumbnail.empty()) {
    const auto bytes = style_thumbnail(style);
    require(!bytes.empty(), "the style \"" + name + "\" has no thumbnail; leave out --thumbnail");
    check_ending(thumbnail, bytes);
    AtomicFile file(thumbnail);
    file.write(bytes);
    file.commit();
  }
  const std::pair<const char*, std::string> rows[] = {
      {"title", style.title},
      {"artist", style.artist + (style.died.empty() ? "" : " (died " + style.died + ")")},
      {"year", style.year},
      {"medium", style.medium},
      {"credit", style.credit},
      {"method", style.method},
      {"kept in", style.embedded() ? "the program" : shown(style.file.string())}};
  std::string text = shown(style.name) + "\n";
  for (const auto& [label, value] : rows)
    if (!value.empty()) text += "  " + padded(label, 8) + value + "\n";
  say(text + "`atelier stylize photo.jpg --style " + shown(style.name) + "` paints with it.\n");
  return 0;
}

int remove(const std::string& name) {
  remove_style(name);
  say("removed " + shown(name) + "\n");
  return 0;
}

struct Addition {
  NewStyle style;
  std::string quality = "normal";
  DetailFlags detail;
};

int add(Addition& addition) {
  addition.style.thorough = addition.quality == "high";
  const auto reporter = make_reporter(addition.detail.detail());
  const auto start = std::chrono::steady_clock::now();
  StyleCard style;
  try {
    style = add_style(addition.style, [&](const Progress& progress) {
      reporter->progress(progress);
      return !interrupted();
    });
  } catch (const Error& error) {
    reporter->failed(addition.style.painting, error);
    throw;
  }
  reporter->done(style.file.string(), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                 true);
  if (addition.detail.detail() == Detail::kNormal)
    tell("`atelier stylize photo.jpg --style " + style.name + "` paints with it\n");
  return 0;
}

CLI::App* describe_add(CLI::App& app, Addition& addition) {
  auto& style = addition.style;
  auto* adder = app.add_subcommand("add", "learn a painting as a style of your own");
  adder->add_option("PAINTING", style.painting, "picture of the painting")->required();
  adder->add_option("--name", style.card.name, "what to call the style")->type_name("NAME")->required();
  const auto text = [&](const char* flag, std::string& member, const char* help) {
    adder->add_option(flag, member, help)->type_name("TEXT");
  };
  text("--title", style.card.title, "the painting's title, for the card");
  text("--artist", style.card.artist, "who painted it");
  text("--year", style.card.year, "when");
  text("--credit", style.card.credit, "where the picture is from");
  adder->add_option("--quality", addition.quality, "normal takes minutes, high longer [normal]")
      ->type_name("NAME")
      ->check(CLI::IsMember({"normal", "high"}));
  add_duration(*adder, "--time-budget", style.time_budget, "end with what is learnt by then, for instance 20s or 10m");
  adder
      ->add_option("--photos", style.photos, "folders of photos to practise on, or files made by `atelier dataset pack`")
      ->type_name("DIR...");
  adder->add_option("--size", style.size, "longer side of the painting in pixels: the size of its strokes [512]")
      ->type_name("N")
      ->check(CLI::Range(64, 4096));
  adder->add_option("--preview", style.preview, "file rewritten with the work so far")->type_name("FILE");
  adder->add_option("--method", style.method, "method that learns it [auto]")->type_name("NAME");
  adder->add_option("--seed", style.seed, "start of all chance [0]")->type_name("N");
  adder->add_option("--threads", style.threads, "threads to compute with (0: all cores)")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  addition.detail.add_to(*adder);
  return adder;
}

}  // namespace

Run describe_styles(CLI::App& app, const Arguments&) {
  struct Typed {
    bool json = false;
    std::string name, thumbnail;
    Addition addition;
  };
  const auto typed = std::make_shared<Typed>();
  app.require_subcommand(0, 1);
  app.add_flag("--json", typed->json, "list as JSON");
  auto* lister = app.add_subcommand("list", "list all styles (the default)");
  lister->add_flag("--json", typed->json, "list as JSON");
  auto* shower = app.add_subcommand("show", "tell what is known of a style");
  shower->add_option("NAME", typed->name, "a style")->required();
  shower->add_option("--thumbnail", typed->thumbnail, "file to write its thumbnail to, .jpg")->type_name("FILE");
  auto* adder = describe_add(app, typed->addition);
  auto* remover = app.add_subcommand("remove", "delete a style of your own");
  remover->add_option("NAME", typed->name, "a style")->required();
  return [=] {
    if (adder->parsed()) return add(typed->addition);
    if (shower->parsed()) return show(typed->name, typed->thumbnail);
    if (remover->parsed()) return remove(typed->name);
    return list(typed->json);
  };
}

}  // namespace atelier::cli
