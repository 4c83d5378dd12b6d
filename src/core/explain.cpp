#include "core/explain.h"

#include <filesystem>

#include "core/out_of_memory.h"
#include "core/printable.h"

namespace atelier {
namespace {

std::string message_of(const std::exception& fault, const std::string& photo) {
  const auto with = [&](const std::string& word) { return photo.empty() ? "" : word + "\"" + photo + "\""; };
  if (out_of_memory(fault))
    return "the memory does not suffice" + with(" for ") + "; give a smaller --size or close other programs";
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&fault))
    return "cannot look at \"" + file->path1().string() + "\": " + file->code().message() + "; check the name";
  // LibTorch's messages go on with a stack trace.
  return "unexpected fault" + with(" with ") + ": " + first_line(fault.what()) +
         "; please report it with the command you typed";
}

}  // namespace

Error explained(const std::exception& fault, const std::string& photo) {
  if (const auto* error = dynamic_cast<const Error*>(&fault)) return *error;
  return Error(message_of(fault, photo), ErrorKind::kFailure);
}

}  // namespace atelier
