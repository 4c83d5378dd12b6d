#include "jobs/picture_store.h"

#include <span>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "core/sha256.h"
#include "jobs/random_id.h"

namespace atelier::jobs {

namespace fs = std::filesystem;

PictureStore::PictureStore(Database& database, fs::path folder) : database_(database), folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error)
    throw Error("cannot create \"" + folder_.string() + "\": " + error.message() + "; give another --data folder",
                ErrorKind::kFailure);
}

Picture PictureStore::add(Picture picture, std::string_view content) {
  picture.id = random_id();
  picture.sha256 = sha256_hex(std::as_bytes(std::span(content)));
  picture.bytes = static_cast<std::int64_t>(content.size());
  picture.created = unix_time();
  const auto lock = database_.lock();
  std::error_code error;
  if (fs::file_size(file_of(picture), error) != content.size() || error) {
    AtomicFile file(file_of(picture));
    file.write(content);
    file.commit();
  }
  database_.prepare("INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .with(picture.id)
      .with(picture.sha256)
      .with(picture.client)
      .with(picture.name)
      .with(static_cast<std::int64_t>(picture.width))
      .with(static_cast<std::int64_t>(picture.height))
      .with(picture.bytes)
      .with(picture.created)
      .run();
  return picture;
}

std::optional<Picture> PictureStore::find(const std::string& id) {
  const auto lock = database_.lock();
  auto row =
      database_.prepare("SELECT id, sha256, client, name, width, height, bytes, created FROM pictures WHERE id = ?");
  row.with(id);
  if (!row.next()) return std::nullopt;
  return Picture{row.text(0),
                 row.text(1),
                 row.text(2),
                 row.text(3),
                 static_cast<int>(row.integer(4)),
                 static_cast<int>(row.integer(5)),
                 row.integer(6),
                 row.number(7)};
}

PictureStore::Removal PictureStore::remove(const std::string& id) {
  const auto lock = database_.lock();
  const auto picture = find(id);
  if (!picture) return Removal::kUnknown;
  auto used = database_.prepare("SELECT 1 FROM job_pictures WHERE picture = ?");
  if (used.with(id).next()) return Removal::kInUse;
  database_.prepare("DELETE FROM pictures WHERE id = ?").with(id).run();
  auto shared = database_.prepare("SELECT 1 FROM pictures WHERE sha256 = ?");
  std::error_code ignored;
  if (!shared.with(picture->sha256).next()) fs::remove(file_of(*picture), ignored);
  return Removal::kDone;
}

int PictureStore::remove_unused(double time) {
  const auto lock = database_.lock();
  auto rows =
      database_.prepare("SELECT id FROM pictures WHERE created < ? AND id NOT IN (SELECT picture FROM job_pictures)");
  rows.with(time);
  std::vector<std::string> ids;
  while (rows.next()) ids.push_back(rows.text(0));
  for (const auto& id : ids) remove(id);
  return static_cast<int>(ids.size());
}

void PictureStore::remove_strays() {
  const auto lock = database_.lock();
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    auto known = database_.prepare("SELECT 1 FROM pictures WHERE sha256 = ?");
    if (!known.with(entry.path().filename().string()).next()) fs::remove(entry.path(), ignored);
  }
}

std::int64_t PictureStore::bytes() {
  const auto lock = database_.lock();
  auto row = database_.prepare("SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT sha256, bytes FROM pictures)");
  row.next();
  return row.integer(0);
}

}  // namespace atelier::jobs
