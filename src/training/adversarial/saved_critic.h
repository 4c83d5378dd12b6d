#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "training/adversarial/critic.h"

namespace atelier {

/// Where a checkpoint's metadata describes a critic, and how: the graph of its network, what its verdicts mean, whether
/// its weights are divided by their largest singular values.
std::string critic_key(const std::string& name);
std::string critic_description(const Critic& critic);

/// A critic as the checkpoint of its training keeps it, to be asked what it thinks of pictures.
class SavedCritic {
 public:
  /// @param checkpoint  as the trainer writes it: MODEL.safetensors.checkpoint.
  /// @param name        which of its critics; empty where there is one only.
  /// @throws Error      when the file is no checkpoint with critics or is damaged, when `name` is none of them (they
  /// are
  ///                    listed), or when the critic judges features of an encoder and no pictures.
  explicit SavedCritic(const std::filesystem::path& checkpoint, const std::string& name = "");

  const std::string& name() const { return critic_->name(); }
  /// Whether it also looks at the photo that the picture was made of.
  bool wants_photo() const { return wants_photo_; }
  /// What lies between real and made: 0.5 for least squares, else 0.
  double threshold() const;

  /// The mean of its verdicts over the picture's patches; higher is more real.
  /// @param picture  [1, 3, H, W] in [0, 1], at about the size of the training's pictures.
  /// @param photo    of the same size, where wants_photo().
  /// @throws Error   when a photo is wanted and not given, or the picture is too small.
  double verdict(const Tensor& picture, const Tensor& photo = {});

 private:
  std::optional<Critic> critic_;
  bool wants_photo_ = false, grey_ = false;
};

}  // namespace atelier
