#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace atelier::jobs {

/// One prepared statement of SQL, with `?` for each value in turn.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& with(std::string_view text);
  Statement& with(std::int64_t number);
  Statement& with(double number);
  Statement& with_or_null(const std::optional<std::string>& text);
  Statement& with_or_null(const std::optional<std::int64_t>& number);

  /// Goes to the next row; false after the last. @throws Error (kFailure) when the database refuses.
  bool next();
  /// Carries out a statement that gives no rows.
  void run();

  std::string text(int column) const;  ///< "" for NULL
  std::int64_t integer(int column) const;
  double number(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3* database_;
  std::shared_ptr<sqlite3_stmt> statement_;
  int bound_ = 0;
};

/// An SQLite file with a write-ahead log, every commit synced to disk before it returns. The stores share one
/// connection; each of their functions holds `lock()` throughout.
class Database {
 public:
  /// Opens or creates the file and its tables.
  /// @throws Error (kFailure) when it cannot be opened, is damaged or of a newer version.
  explicit Database(const std::filesystem::path& file);

  Statement prepare(std::string_view sql) { return {handle_.get(), sql}; }
  /// Carries out one or several statements without values.
  void run(const char* sql);
  /// Rows that the last statement changed.
  int changed() const;
  std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock(mutex_); }

 private:
  std::shared_ptr<sqlite3> handle_;
  std::recursive_mutex mutex_;
};

/// Everything until commit() or none of it; undone on destruction.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace atelier::jobs
