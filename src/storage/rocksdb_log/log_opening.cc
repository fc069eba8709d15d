#include "storage/rocksdb_log/log_opening.h"

#include <rocksdb/db.h>

#include <string>
#include <utility>

#include "base/big_endian.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/rocksdb_log/log_tables.h"
#include "storage/rocksdb_log/wal_order.h"

namespace coupond::storage {
namespace {

Result<std::unique_ptr<rocksdb::DB>> OpenDatabase(const std::filesystem::path& directory,
                                                  const rocksdb::Options& options) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(options, directory, &db);
  if (!opened.ok()) {
    return RocksDbError(opened, ErrorCode::kLogDamaged,
                        "cannot open the log in " + directory.string());
  }
  return std::unique_ptr<rocksdb::DB>(db);
}

/// A list of files that lost its end may lack tables that are there, and that opening for writing
/// would remove.
Status CheckTables(const std::filesystem::path& directory, const rocksdb::Options& options,
                   rocksdb::DB& db) {
  const Result<GroupNumber> last = LastGroupInTables(directory, options.env);
  if (!last) return std::unexpected(last.error());
  std::string key;
  AppendBigEndian(key, last->value());
  const std::unique_ptr<rocksdb::Iterator> rows(db.NewIterator(LogReadOptions()));
  rows->Seek(key);
  if (rows->Valid() || *last == GroupNumber()) return {};
  return MakeError(ErrorCode::kLogDamaged,
                   "the list of files in " + directory.string() +
                       " has lost its end, and with it a table that holds group " +
                       std::to_string(last->value()) + "; put the list back from a copy");
}

}  // namespace

ReadOnlyLog::ReadOnlyLog(WholeRecords records, std::unique_ptr<rocksdb::DB> database)
    : whole(std::move(records)), db(std::move(database)) {}
ReadOnlyLog::~ReadOnlyLog() = default;
ReadOnlyLog::ReadOnlyLog(ReadOnlyLog&&) noexcept = default;

Result<ReadOnlyLog> OpenLogReadOnly(const std::filesystem::path& directory,
                                    const rocksdb::Options& options) {
  if (Status ordered = CheckWalOrder(directory, options.env); !ordered) {
    return std::unexpected(std::move(ordered.error()));
  }
  Result<WholeRecords> whole = FindWholeRecords(directory, options.env);
  if (!whole) return std::unexpected(std::move(whole.error()));
  rocksdb::Options shown = options;
  if (whole->env) shown.env = whole->env.get();
  Result<std::unique_ptr<rocksdb::DB>> db = OpenDatabase(directory, shown);
  if (!db) return std::unexpected(std::move(db.error()));
  if (whole->list_is_torn) {
    if (Status nothing_lost = CheckTables(directory, options, **db); !nothing_lost) {
      return std::unexpected(std::move(nothing_lost.error()));
    }
  }
  return ReadOnlyLog(std::move(*whole), std::move(*db));
}

}  // namespace coupond::storage
