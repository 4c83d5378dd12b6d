#pragma once
#include <map>
#include <string>
#include <vector>

#include "jobs/job.h"
#include "jobs/picture_store.h"

namespace atelier::jobs {

/// A job as it travels to another machine, with all that is not known there.
struct JobMessage {
  std::string id, kind, request;  ///< as in Job
  std::vector<Picture> pictures;  ///< that the request names
  /// The client's own styles that the request names, and the sha256 of their files.
  std::map<std::string, std::string> styles;
};

/// What comes of a job elsewhere.
struct RemoteEnd {
  JobEnd end;
  bool in_queue = false;  ///< the result travels through the queue; else it lies in the shared data folder
};

/// As JSON, and back. @throws Error (kFailure) when `text` was not made by the other function.
std::string to_text(const JobMessage& message);
JobMessage parse_message(const std::string& text);
std::string to_text(const RemoteEnd& end);
RemoteEnd parse_end(const std::string& text);
std::string to_text(const JobProgress& progress);
JobProgress parse_progress(const std::string& text);

}  // namespace atelier::jobs
