#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

#include "atelier/stylize.h"
#include "jobs/redis_dispatcher.h"

namespace atelier::server {

/// A Request as it travels to a worker: a job's request, which names pictures and styles by ids, and the files that
/// these stand for. A style that a model file on this machine has learnt goes with its file; embedded ones go by name.
class Luggage {
 public:
  /// @throws Error for a file that cannot be read, and for what require_travels() refuses.
  explicit Luggage(const Request& request);

  /// For the job `id`. Its request is one of POST /api/jobs, with "draft": false, for nobody watches.
  jobs::DispatcherHome::Parcel parcel(const std::string& id) const;

 private:
  std::string add_picture(const std::string& file);
  std::string add_model(const std::string& name, const std::string& file);
  nlohmann::json add_style(const StyleRequest& style);

  jobs::DispatcherHome::Parcel parcel_;
};

/// Refuses what means something on this machine alone: previews and checkpoints, its threads and memory, options that
/// name files.
void require_travels(const Request& request);

}  // namespace atelier::server
