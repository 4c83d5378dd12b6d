#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "weights/model_store.h"

namespace atelier {

/// A model that others publish and Atelier can download.
struct PublicModel {
  std::string name;  ///< for instance "vgg19"
  std::string url;
  std::string sha256;  ///< in full or its first digits (at least 8), lower-case hexadecimal
  std::string note;    ///< what it is and under which terms, one line
};

/// The models that fetch_model(name) knows.
const std::vector<PublicModel>& public_models();

struct FetchProgress {
  std::uint64_t bytes = 0;    ///< received so far, earlier runs included
  std::uint64_t total = 0;    ///< 0 while unknown
  std::uint64_t resumed = 0;  ///< of `bytes`, what an earlier run had received
  double seconds = 0;         ///< since this run began
};

/// Receives progress, about ten times a second; returns false to stop (what arrived is kept).
using OnFetch = std::function<bool(const FetchProgress&)>;

/// Downloads a model over HTTPS (plain HTTP from this machine only), checks its sha256 and imports it into
/// the user's folder under `name`. An interrupted download goes on where it stopped.
/// @throws Error  kFailure: offline, the server refuses, the disk is full, or the file is not the promised one;
///                kStopped: the callback returned false; kBadRequest: a malformed address.
ModelInfo fetch_model(const PublicModel& model, const OnFetch& on_progress = {});

/// The same for one of public_models(). @throws Error with the nearest name when unknown.
ModelInfo fetch_model(const std::string& name, const OnFetch& on_progress = {});

}  // namespace atelier
