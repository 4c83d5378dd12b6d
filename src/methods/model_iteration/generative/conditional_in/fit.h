#pragma once
#include "methods/method.h"

namespace atelier::methods::conditional_in {

/// MethodInfo::fit_style: the gallery's network fitted to the painting, from the style whose pictures come nearest to
/// it; with `thorough` in more and smaller steps. With a time budget a third of it at most goes into choosing that
/// style (those left over are not tried), and the rate falls by time; the steps end it where they come first. One style
/// is tried and one step made in any case. `on_progress` is asked before each style that is tried, and after each step.
/// Paper: Dumoulin et al., ICLR 2017, section 3.2. There a new style is learnt by the norms' scales and shifts alone;
/// with the convolutions learning too, as many seconds bring the pictures nearer to the painting
/// (docs/methods/conditional-in.md).
WeightSet fit_style(const FitRequest& request, const OnProgress& on_progress);

/// The same from another network, by name or file, with a number of steps. @throws Error when it has no conditional
/// norms.
WeightSet fit_style(const FitRequest& request, const std::string& model, std::int64_t steps,
                    const OnProgress& on_progress);

}  // namespace atelier::methods::conditional_in
