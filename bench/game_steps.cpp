#include "game_steps.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "measure.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "training/style_training.h"
#include "training/trainer.h"

namespace atelier::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// One pair of pictures as pix2pix takes them: two folders, for as long as this lives.
class PairFolders {
 public:
  explicit PairFolders(const Pictures& pictures)
      : folder_(fs::temp_directory_path() / ("atelier-bench-" + std::to_string(::getpid()))) {
    fs::create_directories(photos());
    fs::create_directories(targets());
    write_image((photos() / "pair.png").string(), to_image(pictures.photo));
    const auto target = resize_picture(pictures.style, pictures.photo.size(2), pictures.photo.size(3));
    write_image((targets() / "pair.png").string(), to_image(target));
  }
  ~PairFolders() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  PairFolders(const PairFolders&) = delete;
  PairFolders& operator=(const PairFolders&) = delete;

  fs::path photos() const { return folder_ / "photos"; }
  fs::path targets() const { return folder_ / "targets"; }

 private:
  fs::path folder_;
};

}  // namespace

TrainedSteps game_steps(const TrainSteps& what) {
  const auto pictures = read_pictures(what.pictures);
  const PairFolders folders(pictures);
  TrainingInputs inputs;
  inputs.photos = {folders.photos()};
  inputs.bf16 = what.bf16;
  const auto& info = find_method("pix2pix");
  const auto task = info.make_training(Values(info.training_options, {{"targets", folders.targets().string()},
                                                                      {"crop", std::to_string(pictures.photo.size(2))},
                                                                      {"batch", std::to_string(what.batch)}}),
                                       inputs);
  TrainingOptions options;
  options.steps = what.warm_up + what.count;
  TrainedSteps result;
  auto start = Clock::now();
  train(*task, options, [&](const TrainingProgress& progress) {
    const auto now = Clock::now();
    if (progress.step > what.warm_up) result.seconds.push_back(std::chrono::duration<double>(now - start).count());
    start = now;
    result.loss = progress.result.loss;
    return true;
  });
  return result;
}

}  // namespace atelier::bench
