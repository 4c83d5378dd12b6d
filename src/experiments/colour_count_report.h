#pragma once
#include <filesystem>
#include <string>

#include "experiments/colour_count_experiment.h"

namespace atelier {

/// The paper's table and figures of an experiment, as a page without external resources: table 1 (SSIM per sample and
/// mean), means over seeds with confidence intervals and the differences to the variant without the loss, figure 1
/// (pictures), figure 2 (how many pixels each category of colours has), figure 3 (maps of the clusters).
std::string colour_count_page(const ColourCountOutcome& outcome);

/// All numbers as JSON.
std::string colour_count_json(const ColourCountOutcome& outcome);

/// Figures 1 and 3 as one picture each; of the first seed.
Image colour_count_figure(const ColourCountOutcome& outcome, bool cluster_maps);

/// Writes index.html, outcome.json, pictures.png, distributions.png (of the first sample) and
/// clusters.png into `folder`, which is made.
/// @throws Error when they cannot be written.
void write_colour_count_report(const ColourCountOutcome& outcome, const std::filesystem::path& folder);

}  // namespace atelier
