#pragma once
#include "atelier/image.h"
#include "report/svg_chart.h"

namespace atelier {

/// A line chart's curve as a picture of 640 × 180, for places that show no SVG: without axes and words, from its lowest
/// value at the bottom to its highest at the top.
Image curve_picture(const ChartLine& line);

}  // namespace atelier
