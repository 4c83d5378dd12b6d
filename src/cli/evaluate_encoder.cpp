#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/terminal.h"
#include "evaluation/encoder_report.h"
#include "tensor/runtime.h"

namespace atelier::cli {
namespace {

std::string table(const EncoderReport& report) {
  char row[160];
  std::snprintf(row, sizeof row, "Linear maps fitted on %zu pictures, measured on %zu others.\n\n",
                report.fitted_pictures, report.held_out_pictures);
  std::string text = row;
  text += "| tap | teacher | network | cosine | relative error | Gram error |\n|---|---|---|---|---|---|\n";
  for (const auto& line : report.agreement) {
    std::snprintf(row, sizeof row, "| %s | %s | %s | %.3f | %.3f | %.3f |\n", line.tap.c_str(), line.teacher.c_str(),
                  line.network.c_str(), line.cosine, line.relative_error, line.gram_error);
    text += row;
  }
  text += "\n| tap | channels | usable directions | after the readout |\n|---|---|---|---|\n";
  for (const auto& line : report.spectrum) {
    std::snprintf(row, sizeof row, "| %s | %d | %d | %d |\n", line.tap.c_str(), line.channels, line.usable,
                  line.usable_read);
    text += row;
  }
  return text;
}

}  // namespace

Run describe_evaluate_encoder(CLI::App& app, const Arguments&) {
  const auto options = std::make_shared<EncoderReportOptions>();
  const auto threads = std::make_shared<int>(0);
  app.add_option("--encoder", options->encoder, "a model name or weight file")->type_name("NAME");
  app.add_option("--teacher-front", options->teacher_front, "exact VGG-19 through conv3_1")
      ->required()
      ->type_name("FILE");
  app.add_option("--teacher-deep", options->teacher_deep, "compressed VGG-19 through conv5_1")
      ->required()
      ->type_name("FILE");
  app.add_option("--fit", options->fit, "folders of pictures for the linear maps")->required()->type_name("DIR...");
  app.add_option("--held-out", options->held_out, "folders of pictures to measure on")->required()->type_name("DIR...");
  app.add_option("--pictures", options->most_pictures, "most pictures of each kind")
      ->type_name("N")
      ->check(CLI::Range(1, 10000));
  app.add_option("--threads", *threads, "threads (0: all cores)")->type_name("N")->check(CLI::Range(0, 1024));
  return [options, threads] {
    configure_runtime(*threads);
    say(table(report_encoder(*options)));
    return 0;
  };
}

}  // namespace atelier::cli
