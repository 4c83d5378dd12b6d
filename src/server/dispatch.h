#pragma once
#include <optional>
#include <string>

#include "jobs/redis_dispatcher.h"
#include "server/studio.h"

namespace atelier::server {

/// Has a studio's jobs carried out by workers on any machine, over Redis, in the place of Runners.
class Dispatch : private jobs::DispatcherHome {
 public:
  /// `studio` must outlive the object; its options name the queue. @throws Error when that is no address.
  explicit Dispatch(Studio& studio);

  /// Of all workers together.
  int places() const { return dispatcher_.places(); }
  /// Redis does not answer.
  bool away() const { return dispatcher_.away(); }

 private:
  Parcel pack(const jobs::Job& job) override;
  bool keep(const jobs::Job& job, const jobs::JobEnd& end, const std::optional<std::string>& bytes) override;
  void ended(const jobs::Job& job, const jobs::JobEnd& end, double seconds) override;
  void say(const char* level, const std::string& text) override;

  Studio& studio_;
  jobs::RedisDispatcher dispatcher_;  ///< last: its threads use the rest
};

}  // namespace atelier::server
