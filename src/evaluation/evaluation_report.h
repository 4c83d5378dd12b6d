#pragma once
#include <string>

#include "evaluation/evaluate_pictures.h"

namespace atelier {

/// A line for each picture and one for the mean, comma-separated (RFC 4180): result, content, style, reference, and a
/// column for each metric. What could not be measured is empty, and not in the mean.
std::string evaluation_csv(const Evaluation& evaluation);

/// An object with the settings, the metrics (name, what they are taken against, which way is good), the pictures with
/// their scores and notes, the means, over how many pictures each is, and where a critic was asked how often it is
/// right. What is no finite number is null.
std::string evaluation_json(const Evaluation& evaluation);

/// A page without external resources: means, a bar chart for each metric, the power spectra, and a table of the
/// pictures with thumbnails. Reads the pictures again; the place of one that cannot be read stays blank.
std::string evaluation_html(const Evaluation& evaluation);

/// "critic accuracy 0.750  real 0.600  made 0.900  best 0.800 at 0.412": one line, how often the critic is right about
/// real pictures and about results, and how often it would be with the threshold that serves best; empty without one.
std::string critic_line(const Evaluation& evaluation);

/// `value` with at most four significant digits, as the reports and the command line show it; "–" for NaN.
std::string shown_value(double value);

}  // namespace atelier
