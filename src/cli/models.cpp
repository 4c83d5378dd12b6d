#include <cstdio>
#include <memory>
#include <string>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/export_model.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "methods/foreign_models.h"
#include "weights/fetch.h"
#include "weights/import_model.h"
#include "weights/model_store.h"

namespace atelier::cli {
namespace {

std::string megabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

std::string line_of(const ModelInfo& model) {
  const std::string place = model.embedded() ? "embedded" : shown(model.file.string());
  return padded(shown(model.name), 12) + padded(model.kind, 8) + padded(megabytes(model.bytes), 9) + place + "\n";
}

int list() {
  std::string text;
  for (const auto& model : list_models()) text += line_of(model);
  say(text.empty() ? "no models\n" : text);
  return 0;
}

int verify() {
  bool sound = true;
  for (const auto& check : verify_models()) {
    sound = sound && check.sound();
    say(padded(shown(check.model.name), 12) +
        (check.sound()
             ? "sound, " + std::to_string(check.tensors) + " tensors, " + std::to_string(check.values) + " values"
             : "damaged: " + shown(check.fault)) +
        "\n");
  }
  if (!sound) throw Error("a model is damaged; import or fetch it again", ErrorKind::kFailure);
  return 0;
}

int import(const std::string& file, const ModelImport& wanted) {
  say("imported " + line_of(import_model(file, wanted)));
  return 0;
}

int remove(const std::string& name) {
  remove_model(name);
  say("removed " + shown(name) + "\n");
  return 0;
}

bool report_download(const FetchProgress& progress) {
  if (on_terminal())
    tell("\r\033[K" + megabytes(progress.bytes) + (progress.total ? " of " + megabytes(progress.total) : ""));
  return !interrupted();
}

int fetch(const std::string& name) {
  const ModelInfo model = fetch_model(name, report_download);
  if (on_terminal()) tell("\r\033[K");
  say("fetched " + line_of(model));
  return 0;
}

}  // namespace

Run describe_models(CLI::App& app, const Arguments&) {
  struct Typed {
    std::string file, model, target, tap;
    ModelImport wanted{.recognise = import_foreign_model};
  };
  const auto typed = std::make_shared<Typed>();
  app.require_subcommand(0, 1);
  app.add_subcommand("list", "list all models (the default)");
  auto* importer =
      app.add_subcommand("import", "take weights (.pth, .t7, .safetensors, a tfjs folder) into your models");
  importer->add_option("FILE", typed->file, "the weight file or folder")->required();
  importer->add_option("--name", typed->wanted.name, "name to give it [what it is, or the file's name]")
      ->type_name("NAME");
  importer->add_flag("--force", typed->wanted.replace, "replace another model of that name");
  auto* exporter = app.add_subcommand("export", "write the network of a model or style as ONNX");
  exporter->add_option("ID", typed->model, "a model, a style or a model file")->required();
  exporter->add_option("FILE", typed->target, "the file to write, NAME.onnx")->required();
  exporter->add_option("--tap", typed->tap, "only the encoder as far as this layer, or only its decoder [all]")
      ->type_name("reluB_I");
  auto* verifier = app.add_subcommand("verify", "read every model in full and compare its sha256");
  auto* fetcher = app.add_subcommand("fetch", "download a public model, such as vgg19");
  fetcher->add_option("NAME", typed->model, "the model")->required();
  auto* remover = app.add_subcommand("remove", "delete a model of your own");
  remover->add_option("NAME", typed->model, "a model")->required();
  return [=] {
    if (importer->parsed()) return import(typed->file, typed->wanted);
    if (exporter->parsed()) return export_model(typed->model, typed->target, typed->tap);
    if (verifier->parsed()) return verify();
    if (fetcher->parsed()) return fetch(typed->model);
    if (remover->parsed()) return remove(typed->model);
    return list();
  };
}

}  // namespace atelier::cli
