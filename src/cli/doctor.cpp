#include <cstdio>
#include <string>

#include "atelier/version.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "tensor/runtime.h"
#include "weights/model_store.h"

namespace atelier::cli {
namespace {

std::string gigabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

std::string row(const std::string& name, const std::string& value) { return padded(name, 12) + value + "\n"; }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string machine_rows(const RuntimeReport& report) {
  return row("processor", report.cpu) +
         row("", std::to_string(report.cores) + " cores; " + joined(report.instruction_sets)) +
         row("memory", gigabytes(report.available_memory) + " free of " + gigabytes(report.total_memory));
}

std::string library_rows(const RuntimeReport& report) {
  char speed[48];
  std::snprintf(speed, sizeof speed, ", %.0f GFLOP/s", report.sgemm_gflops);
  return row("LibTorch", report.torch_version + ", " + report.torch_capability + ", " +
                             std::to_string(report.torch_threads) + " threads") +
         row("OpenMP", std::to_string(report.openmp_threads) + " threads, denormals " +
                           (report.denormals_flushed ? "flushed" : "kept")) +
         row("oneDNN", report.onednn_version + ", " + report.onednn_isa) +
         row("BLAS", to_string(report.blas) +
                         (report.blas_kernels.empty() ? "" : ", kernels for " + report.blas_kernels) + speed +
                         (report.blas_path.empty() ? "" : ", " + report.blas_path));
}

std::string model_rows() {
  std::string names;
  for (const auto& model : list_models())
    names += (names.empty() ? "" : ", ") + shown(model.name) + (model.embedded() ? "" : " (imported)");
  return row("models", names.empty() ? "none" : names);
}

int run(int threads) {
  configure_runtime(threads);
  const RuntimeReport report = runtime_report();
  std::string text = row("Atelier", version()) + machine_rows(report) + library_rows(report) + model_rows();
  for (const auto& advice : report.advice) text += "! " + advice + "\n";
  say(text + (report.advice.empty() ? "all is well\n" : ""));
  return 0;
}

}  // namespace

Run describe_doctor(CLI::App& app, const Arguments&) {
  const auto threads = std::make_shared<int>(0);
  app.add_option("--threads", *threads, "threads to try (0: all cores)")->type_name("N")->check(CLI::Range(0, 1024));
  return [threads] { return run(*threads); };
}

}  // namespace atelier::cli
