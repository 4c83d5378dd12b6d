#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/database.h"

namespace atelier::jobs {

/// A picture that a client has uploaded.
struct Picture {
  std::string id;  ///< 16 hexadecimal digits, random
  std::string sha256;
  std::string client;
  std::string name;  ///< as the client calls it, one line; never a path
  int width = 0, height = 0;
  std::int64_t bytes = 0;
  double created = 0;  ///< seconds since 1970
};

/// Uploaded pictures: rows in the database, content in files named by its sha256, each content kept once.
class PictureStore {
 public:
  /// `database` must outlive the store; `folder` is created. @throws Error (kFailure) when that is not possible.
  PictureStore(Database& database, std::filesystem::path folder);

  /// Keeps `content`, on disk when this returns; id, sha256, bytes and created of `picture` are set.
  Picture add(Picture picture, std::string_view content);
  std::optional<Picture> find(const std::string& id);
  std::filesystem::path file_of(const Picture& picture) const { return folder_ / picture.sha256; }

  enum class Removal { kDone, kUnknown, kInUse };
  /// Forgets a picture unless a job needs it; its file goes with the last that shares it.
  Removal remove(const std::string& id);
  /// Removes pictures from before `time` that no job needs. @return how many.
  int remove_unused(double time);

  /// Removes files that no row names, as a crash may leave them.
  void remove_strays();

  /// Bytes of all files.
  std::int64_t bytes();

 private:
  Database& database_;
  std::filesystem::path folder_;
};

}  // namespace atelier::jobs
