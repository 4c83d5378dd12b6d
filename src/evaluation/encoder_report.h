#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace atelier {

/// How well one network's features at a tap predict a teacher's, on pictures that neither was fitted to.
struct EncoderAgreement {
  std::string tap;
  std::string teacher;        ///< "VGG-19" (exact) or "16x" (the compressed one)
  std::string network;        ///< which network predicts: the encoder's name, or "16x"
  double cosine = 0;          ///< mean over positions of the cosine between prediction and teacher
  double relative_error = 0;  ///< ‖prediction − teacher‖ / ‖teacher‖
  double gram_error = 0;      ///< mean over pictures of the same for the Gram matrices
};

/// How full the spectrum of an encoder's features is.
struct EncoderSpectrum {
  std::string tap;
  int channels = 0;
  int usable = 0;       ///< eigenvalues of the covariance above 1e-4 of the largest, as trained
  int usable_read = 0;  ///< the same after the tap's readout
};

struct EncoderReport {
  std::vector<EncoderAgreement> agreement;
  std::vector<EncoderSpectrum> spectrum;
  std::size_t fitted_pictures = 0, held_out_pictures = 0;
};

struct EncoderReportOptions {
  std::string encoder = "compact";
  std::filesystem::path teacher_front, teacher_deep;
  std::vector<std::filesystem::path> fit;       ///< folders for the linear maps into the teachers' channels
  std::vector<std::filesystem::path> held_out;  ///< folders to measure on
  std::size_t most_pictures = 40;               ///< of each kind, spread evenly over the folders
};

/// Compares an encoder with its teachers. Features of different widths are compared through the ridge
/// regression from one to the other, fitted on `fit`; the compressed network's prediction of the exact one
/// is measured in the same way, as a yardstick.
EncoderReport report_encoder(const EncoderReportOptions& options);

}  // namespace atelier
