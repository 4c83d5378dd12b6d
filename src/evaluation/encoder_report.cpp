#include "evaluation/encoder_report.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/encoder.h"
#include "media/find_images.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "training/distillation_teacher.h"
#include "training/train_encoder.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

constexpr std::int64_t kSize = 384;  // longer side at which pictures are compared
constexpr std::int64_t kRowsPerPicture = 3000;

/// Feature vectors, one per row, double.
Tensor rows_of(const Tensor& features) {
  return features.permute({0, 2, 3, 1}).reshape({-1, features.size(1)}).to(torch::kDouble);
}

Tensor thinned(const Tensor& rows) {
  const auto every = std::max<std::int64_t>(1, rows.size(0) / kRowsPerPicture);
  return rows.slice(0, 0, rows.size(0), every);
}

std::vector<Tensor> read_pictures(const std::vector<std::filesystem::path>& folders, std::size_t most) {
  std::vector<std::filesystem::path> files;
  for (const auto& folder : folders)
    for (const auto& file : find_images(folder)) files.push_back(file);
  require(!files.empty(), "there is no picture to compare encoders on; name folders of pictures");
  std::vector<Tensor> pictures;
  const std::size_t every = std::max<std::size_t>(1, files.size() / most);
  for (std::size_t i = 0; i < files.size() && pictures.size() < most; i += every)
    pictures.push_back(fit_longer_side(to_tensor(read_image(files[i].string())), kSize));
  return pictures;
}

/// All features that a report needs of one picture, per tap.
struct PictureFeatures {
  std::vector<Tensor> student, student_read, deep, front;  ///< rows; front is undefined below its depth
};

class Comparison {
 public:
  explicit Comparison(const EncoderReportOptions& options)
      : name_(options.encoder),
        chain_(read_chain(open_model(options.encoder))),
        teacher_(DistillationTeacher::read(options.teacher_front, options.teacher_deep)) {}

  EncoderReport report(const std::vector<Tensor>& fit, const std::vector<Tensor>& held_out) const {
    EncoderReport report;
    report.fitted_pictures = fit.size();
    report.held_out_pictures = held_out.size();
    std::vector<PictureFeatures> fitted, measured;
    for (const auto& picture : fit) fitted.push_back(features(picture));
    for (const auto& picture : held_out) measured.push_back(features(picture));
    for (std::size_t t = 0; t < compact_taps().size(); ++t) {
      const auto student = [t](const PictureFeatures& f) { return f.student[t]; };
      const auto deep = [t](const PictureFeatures& f) { return f.deep[t]; };
      const auto front = [t](const PictureFeatures& f) { return f.front[t]; };
      if (measured[0].front[t].defined()) {
        report.agreement.push_back(agreement(t, "VGG-19", name_, fitted, measured, student, front));
        report.agreement.push_back(agreement(t, "VGG-19", "16x", fitted, measured, deep, front));
      }
      report.agreement.push_back(agreement(t, "16x", name_, fitted, measured, student, deep));
      report.spectrum.push_back(spectrum(t, measured));
    }
    return report;
  }

 private:
  using Pick = std::function<Tensor(const PictureFeatures&)>;

  PictureFeatures features(const Tensor& picture) const {
    const torch::NoGradGuard no_grad;
    PictureFeatures all;
    auto plain = chain_;
    plain.readouts.clear();
    const auto& taps = compact_taps();
    const auto student = chain_features(plain, picture, taps), deep = chain_features(teacher_.deep, picture, taps);
    const std::vector<std::string> exact(taps.begin(), taps.begin() + 3);
    const auto front = chain_features(teacher_.front, picture, exact);
    for (std::size_t t = 0; t < taps.size(); ++t) {
      all.student.push_back(thinned(rows_of(student[t])));
      all.student_read.push_back(thinned(rows_of(read_out(chain_, taps[t], student[t]))));
      all.deep.push_back(thinned(rows_of(deep[t])));
      all.front.push_back(t < exact.size() ? thinned(rows_of(front[t])) : Tensor());
    }
    return all;
  }

  static Tensor gathered(const std::vector<PictureFeatures>& pictures, const Pick& pick) {
    std::vector<Tensor> rows;
    for (const auto& picture : pictures) rows.push_back(pick(picture));
    return torch::cat(rows);
  }

  static EncoderAgreement agreement(std::size_t t, const std::string& teacher, const std::string& network,
                                    const std::vector<PictureFeatures>& fitted,
                                    const std::vector<PictureFeatures>& measured, const Pick& from, const Pick& to) {
    const auto x = gathered(fitted, from), y = gathered(fitted, to);
    auto normal = x.t().matmul(x);
    normal.diagonal().add_(1e-6 * normal.diagonal().mean());
    const auto map = torch::linalg_solve(normal, x.t().matmul(y), true);
    EncoderAgreement result{compact_taps()[t], teacher, network};
    double wrong = 0, whole = 0;
    for (const auto& picture : measured) {
      const auto predicted = from(picture).matmul(map), wanted = to(picture);
      const auto norms = predicted.norm(2, 1) * wanted.norm(2, 1) + 1e-12;
      result.cosine +=
          ((predicted * wanted).sum(1) / norms).mean().item<double>() / static_cast<double>(measured.size());
      wrong += (predicted - wanted).square().sum().item<double>();
      whole += wanted.square().sum().item<double>();
      const auto gram = wanted.t().matmul(wanted);
      result.gram_error += ((predicted.t().matmul(predicted) - gram).norm() / gram.norm()).item<double>() /
                           static_cast<double>(measured.size());
    }
    result.relative_error = std::sqrt(wrong / whole);
    return result;
  }

  static int usable(const Tensor& rows) {
    const auto values = torch::linalg_eigvalsh(torch::cov(rows.t()), "L");
    return (values > 1e-4 * values.max()).sum().item<int>();
  }

  EncoderSpectrum spectrum(std::size_t t, const std::vector<PictureFeatures>& measured) const {
    const auto plain = gathered(measured, [t](const PictureFeatures& f) { return f.student[t]; });
    const auto read = gathered(measured, [t](const PictureFeatures& f) { return f.student_read[t]; });
    return {compact_taps()[t], static_cast<int>(plain.size(1)), usable(plain), usable(read)};
  }

  std::string name_;
  ConvChain chain_;
  DistillationTeacher teacher_;
};

}  // namespace

EncoderReport report_encoder(const EncoderReportOptions& options) {
  const Comparison comparison(options);
  return comparison.report(read_pictures(options.fit, options.most_pictures),
                           read_pictures(options.held_out, options.most_pictures));
}

}  // namespace atelier
