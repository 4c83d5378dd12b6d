#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atelier/image.h"
#include "metrics/discriminator_accuracy.h"

namespace atelier {

class SavedCritic;

/// How well a critic tells results from real pictures.
struct CriticReport {
  std::string name;  ///< among those of its training
  double threshold = 0;
  std::map<std::string, double> on_real;  ///< its verdict on each real picture, by file
  DiscriminatorAccuracy accuracy;
};

/// The critic of an adversarial training, looking at results and at the real pictures that go with them.
class CriticView {
 public:
  /// @param checkpoint  of the training: MODEL.safetensors.checkpoint.
  /// @param name        which of its critics; empty where there is one only.
  /// @throws Error      as SavedCritic, and when the critic wants photos and `photos_given` is false.
  CriticView(const std::string& checkpoint, const std::string& name, bool photos_given);
  ~CriticView();
  CriticView(const CriticView&) = delete;
  CriticView& operator=(const CriticView&) = delete;

  /// What it thinks of a result; higher is more real. @throws Error when the picture is too small.
  double on_made(const Image& result, const Image& photo);
  /// The same of a real picture, once for each file; one that is too small is passed over.
  void see_real(const std::string& file, const Image& picture, const Image& photo);

  /// Nothing before it has seen both kinds.
  std::optional<CriticReport> report() const;

 private:
  double verdict(const Image& picture, const Image& photo);

  std::unique_ptr<SavedCritic> critic_;
  std::vector<double> on_made_;
  std::map<std::string, double> on_real_;
};

}  // namespace atelier
