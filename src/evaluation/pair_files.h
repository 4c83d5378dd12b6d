#pragma once
#include <string>
#include <vector>

namespace atelier {

/// A result and what it is compared with; names are empty where nothing was given.
struct EvaluatedFiles {
  std::string result, content, style, reference;
};

/// What was given on the command line: pictures, or folders of them.
struct EvaluationInputs {
  std::vector<std::string> results;
  std::string content, style, reference;  ///< a file serves all results; a folder holds one for each
};

struct PairedFiles {
  std::vector<EvaluatedFiles> pictures;  ///< in the order of the results; those of a folder sorted by path
  std::vector<std::string> notes;        ///< pictures of a folder that no result asked for
};

/// Finds for each result the picture of the same name in each folder: the same path below the folder, whatever the
/// extension (a file of the very same name wins).
/// @throws Error naming the first result that has no partner, or two, or the first file or folder that is missing.
PairedFiles pair_files(const EvaluationInputs& inputs);

}  // namespace atelier
