#include "atelier/stylize.h"

#include <filesystem>

#include "atelier/error.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "stylize/forecast.h"
#include "stylize/memory_plan.h"
#include "stylize/observer.h"
#include "stylize/pictures.h"
#include "stylize/write_options.h"
#include "tensor/image_tensor.h"
#include "tensor/runtime.h"

namespace atelier {
namespace {

/// What is no number would be written as black.
void require_finite(const Tensor& painted) {
  if (!painted.isfinite().all().item<bool>())
    throw Error(
        "the picture has values that are no numbers: the model is damaged, or numbers became too large; "
        "use another model, or --precision fp32",
        ErrorKind::kFailure);
}

/// The painted picture; the photo itself for strength 0, where there is nothing to paint.
Image paint(const Request& request, Method& method, const Pictures& pictures, Observer& observer) {
  if (request.strength == 0) return pictures.photo;
  const Inputs inputs = method_inputs(request, pictures);
  const std::size_t bytes = needed_memory(method, inputs);
  require_memory(request, bytes, observer.longer_side());
  if (const auto text = described({bytes, method.seconds_forecast(inputs)}); !text.empty()) observer.note(text);
  const Tensor painted = method.run(inputs, observer.callback());
  require_finite(painted);
  return finished_picture(request, pictures, to_image(painted));
}

}  // namespace

void stylize(const Request& request, const OnProgress& on_progress) {
  check_request(request);
  configure_runtime(request.threads);
  const MethodInfo& info = find_method(chosen_method(request));
  const auto method = info.make(Values(info.options, request.options));

  Observer observer(request, on_progress);
  observer.stage("reading");
  const Pictures pictures = read_pictures(request);
  observer.show_previews_of(pictures);
  if (!info.uses_encoder && request.encoder != Request().encoder)
    observer.note(std::string(info.name) + " brings networks of its own: the encoder " + request.encoder +
                  " is not used");
  const Image result = paint(request, *method, pictures, observer);
  observer.stage("writing");
  write_image(request.output, result, write_options(request));
  std::error_code ignored;
  if (!request.checkpoint.empty() && !observer.stopped()) std::filesystem::remove(request.checkpoint, ignored);
}

}  // namespace atelier
