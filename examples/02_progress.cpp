// Watches the work, looks at the picture so far, and stops early with the best of it.
//   02_progress PHOTO PAINTING OUT
#include <cstdio>

#include "atelier/error.h"
#include "atelier/stylize.h"

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: %s PHOTO PAINTING OUT\n", argv[0]), 2;
  atelier::Request request;
  request.content = argv[1];
  request.styles = {{argv[2]}};
  request.output = argv[3];
  request.size = 64;
  request.keep_best_on_stop = true;
  atelier::stylize(request, [](const atelier::Progress& progress) {
    std::printf("%s %d/%d", progress.stage.c_str(), progress.step, progress.steps);
    for (const auto& [name, value] : progress.terms) std::printf("  %s %.3g", name.c_str(), value);
    if (progress.preview) std::printf("  (%d pixels wide)", progress.preview().width);
    std::printf("\n");
    return progress.step < 3;  // false: enough
  });
} catch (const atelier::Error& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}
