// Times DBSCAN on the colours of a picture, for dbscan.py: reads pixels (R, G, B bytes), writes labels (32-bit
// integers) and prints the median seconds of processor time of each way to call it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <vector>

#include "palette/dbscan.h"

namespace atelier {
namespace {

template <class Work>
double median_seconds(int repeats, Work work) {
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::clock();
    work();
    seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[static_cast<std::size_t>(repeats / 2)];
}

void run(const char* pixel_file, const char* label_file, const DbscanOptions& options, int repeats) {
  std::ifstream in(pixel_file, std::ios::binary);
  const std::vector<std::uint8_t> pixels((std::istreambuf_iterator<char>(in)), {});
  std::size_t count = 0;
  std::vector<std::int32_t> labels;
  std::size_t colours = 0;
  const double counting = median_seconds(repeats, [&] { count = count_colour_clusters(pixels, options); });
  const double labelling = median_seconds(repeats, [&] {
    const auto found = cluster_colours(pixels, options);
    colours = found.colours.size();
    labels = pixel_labels(pixels, found);
  });
  std::ofstream(label_file, std::ios::binary)
      .write(reinterpret_cast<const char*>(labels.data()),
             static_cast<std::streamsize>(labels.size() * sizeof labels[0]));
  std::printf("{\"clusters\": %zu, \"colours\": %zu, \"count_seconds\": %.9f, \"label_seconds\": %.9f}\n", count,
              colours, counting, labelling);
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: dbscan_bench PIXELS LABELS EPS MIN_POINTS REPEATS\n");
    return 2;
  }
  try {
    atelier::run(argv[1], argv[2], {.eps = std::atof(argv[3]), .min_points = std::atoi(argv[4])},
                 std::max(1, std::atoi(argv[5])));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dbscan_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
