#include "jobs/database.h"

#include <sqlite3.h>

#include "atelier/error.h"
#include "core/printable.h"

namespace atelier::jobs {
namespace {

constexpr std::int64_t kVersion = 1;  // of the tables; kept as PRAGMA user_version

// `turn` says when a client was last served: who waited longest comes first.
constexpr const char* kTables = R"sql(
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, client TEXT NOT NULL, kind TEXT NOT NULL,
  state TEXT NOT NULL, request TEXT NOT NULL, key TEXT, created REAL NOT NULL, started REAL, finished REAL,
  attempts INTEGER NOT NULL DEFAULT 0, cancel INTEGER NOT NULL DEFAULT 0, error TEXT,
  width INTEGER, height INTEGER, bytes INTEGER);
CREATE UNIQUE INDEX jobs_key ON jobs (client, key) WHERE key IS NOT NULL;
CREATE INDEX jobs_state ON jobs (state, number);
CREATE TABLE clients (client TEXT PRIMARY KEY, turn INTEGER NOT NULL);
CREATE TABLE pictures (
  id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, client TEXT NOT NULL, name TEXT NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL, created REAL NOT NULL);
CREATE INDEX pictures_sha256 ON pictures (sha256);
CREATE TABLE job_pictures (job TEXT NOT NULL, picture TEXT NOT NULL, PRIMARY KEY (job, picture)) WITHOUT ROWID;
CREATE INDEX job_pictures_picture ON job_pictures (picture);
)sql";

[[noreturn]] void fail(sqlite3* database) {
  throw Error("the job store refuses: " + one_line(sqlite3_errmsg(database)) +
                  "; check that its folder is writable and the disk not full",
              ErrorKind::kFailure);
}

void check(sqlite3* database, int result) {
  if (result != SQLITE_OK) fail(database);
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  check(database, sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
  statement_ = std::shared_ptr<sqlite3_stmt>(statement, sqlite3_finalize);
}

Statement& Statement::with(std::string_view text) {
  check(database_,
        sqlite3_bind_text(statement_.get(), ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::with(std::int64_t number) {
  check(database_, sqlite3_bind_int64(statement_.get(), ++bound_, number));
  return *this;
}

Statement& Statement::with(double number) {
  check(database_, sqlite3_bind_double(statement_.get(), ++bound_, number));
  return *this;
}

// What was not bound is NULL.
Statement& Statement::with_or_null(const std::optional<std::string>& text) {
  if (text) return with(std::string_view(*text));
  ++bound_;
  return *this;
}

Statement& Statement::with_or_null(const std::optional<std::int64_t>& number) {
  if (number) return with(*number);
  ++bound_;
  return *this;
}

bool Statement::next() {
  const int result = sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) fail(database_);
  return result == SQLITE_ROW;
}

void Statement::run() { next(); }

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text == nullptr ? ""
                         : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::number(int column) const { return sqlite3_column_double(statement_.get(), column); }
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

Database::Database(const std::filesystem::path& file) {
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_ = std::shared_ptr<sqlite3>(handle, sqlite3_close);
  if (result != SQLITE_OK)
    throw Error("cannot open the job store \"" + file.string() + "\": " + sqlite3_errstr(result) +
                    "; give a --data folder that is writable",
                ErrorKind::kFailure);
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
  auto version = prepare("PRAGMA user_version");
  version.next();
  const auto found = version.integer(0);
  if (found > kVersion)
    throw Error("the job store \"" + file.string() + "\" is of a newer version; give another --data folder",
                ErrorKind::kFailure);
  if (found == kVersion) return;
  Transaction transaction(*this);
  run(kTables);
  run(("PRAGMA user_version = " + std::to_string(kVersion)).c_str());
  transaction.commit();
}

void Database::run(const char* sql) {
  check(handle_.get(), sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr));
}

int Database::changed() const { return sqlite3_changes(handle_.get()); }

Transaction::Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const Error&) {
    // SQLite has rolled back by itself, as it does after some faults
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace atelier::jobs
