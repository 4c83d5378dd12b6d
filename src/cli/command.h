#pragma once
#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

namespace atelier::cli {

using Arguments = std::vector<std::string>;

/// Carries out a command whose arguments have been parsed; returns the exit status.
using Run = std::function<int()>;

/// A word after `atelier`. `describe` adds the options to `app` and says what to do once they
/// are parsed; `arguments` are the raw words, for options that depend on other options.
struct Command {
  const char* name;
  const char* summary;
  Run (*describe)(CLI::App& app, const Arguments& arguments);
};

Run describe_compare(CLI::App& app, const Arguments& arguments);
Run describe_dataset(CLI::App& app, const Arguments& arguments);
Run describe_doctor(CLI::App& app, const Arguments& arguments);
Run describe_evaluate(CLI::App& app, const Arguments& arguments);
Run describe_evaluate_encoder(CLI::App& app, const Arguments& arguments);
Run describe_experiment(CLI::App& app, const Arguments& arguments);
Run describe_methods(CLI::App& app, const Arguments& arguments);
Run describe_models(CLI::App& app, const Arguments& arguments);
Run describe_palette(CLI::App& app, const Arguments& arguments);
Run describe_rerun(CLI::App& app, const Arguments& arguments);
Run describe_serve(CLI::App& app, const Arguments& arguments);
Run describe_stylize(CLI::App& app, const Arguments& arguments);
Run describe_styles(CLI::App& app, const Arguments& arguments);
Run describe_train(CLI::App& app, const Arguments& arguments);
Run describe_version(CLI::App& app, const Arguments& arguments);
Run describe_worker(CLI::App& app, const Arguments& arguments);

}  // namespace atelier::cli
