#pragma once
#include <string>

#include "evaluation/evaluate_pictures.h"

namespace atelier {

/// A line for each picture and one for the mean, comma-separated (RFC 4180): result, content, style, reference, and a
/// column for each metric. What could not be measured is empty.
std::string evaluation_csv(const Evaluation& evaluation);

/// An object with the settings, the metrics (name, what they are taken against, which way is good), the pictures with
/// their scores and notes, and the means. What is no finite number is null.
std::string evaluation_json(const Evaluation& evaluation);

/// A page without external resources: means, a bar chart for each metric, the power spectra, and a table of the
/// pictures with thumbnails. Reads the pictures again.
std::string evaluation_html(const Evaluation& evaluation);

/// `value` with at most four significant digits, as the reports and the command line show it; "–" for NaN.
std::string shown_value(double value);

}  // namespace atelier
