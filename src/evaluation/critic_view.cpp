#include "evaluation/critic_view.h"

#include "atelier/error.h"
#include "core/printable.h"
#include "tensor/image_tensor.h"
#include "training/adversarial/saved_critic.h"

namespace atelier {

CriticView::CriticView(const std::string& checkpoint, const std::string& name, bool photos_given)
    : critic_(std::make_unique<SavedCritic>(checkpoint, name)) {
  require(!critic_->wants_photo() || photos_given,
          "the critic " + printable(critic_->name()) + " looks at the photo beside the picture; add --content PHOTO");
}

CriticView::~CriticView() = default;

double CriticView::verdict(const Image& picture, const Image& photo) {
  return critic_->verdict(to_tensor(picture), critic_->wants_photo() ? to_tensor(photo) : Tensor());
}

double CriticView::on_made(const Image& result, const Image& photo) {
  on_made_.push_back(verdict(result, photo));
  return on_made_.back();
}

void CriticView::see_real(const std::string& file, const Image& picture, const Image& photo) try {
  if (!file.empty() && !on_real_.contains(file)) on_real_[file] = verdict(picture, photo);
} catch (const Error&) {
  on_real_.erase(file);
}

std::optional<CriticReport> CriticView::report() const {
  if (on_made_.empty() || on_real_.empty()) return std::nullopt;
  std::vector<double> real;
  for (const auto& [file, value] : on_real_) real.push_back(value);
  return CriticReport{critic_->name(), critic_->threshold(), on_real_,
                      discriminator_accuracy(real, on_made_, critic_->threshold())};
}

}  // namespace atelier
