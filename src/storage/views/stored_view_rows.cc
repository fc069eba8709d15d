#include "storage/views/stored_view_rows.h"

#include <rocksdb/db.h>

#include <utility>

#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/views/view_database.h"

namespace coupond::storage {
namespace {

std::unexpected<Error> CannotRead(const rocksdb::Status& status,
                                  const std::filesystem::path& directory) {
  return RocksDbError(status, ErrorCode::kViewsDamaged,
                      "cannot read the views in " + directory.string());
}

}  // namespace

Result<std::unique_ptr<StoredViewRows>> StoredViewRows::Open(
    const std::filesystem::path& directory) {
  TRY(CheckRocksDbVersion());
  const Result<bool> there = Exists(directory / "CURRENT");
  if (there && !*there) {  // RocksDB describes an error better
    return MakeError(ErrorCode::kViewsDamaged,
                     "there are no views in " + directory.string() + " (the file CURRENT is gone)");
  }
  rocksdb::Options options = ViewDatabaseOptions(nullptr);
  // Opens all files now, so that they stay readable when a running server removes them.
  options.max_open_files = -1;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(options, directory, &db);
  if (!opened.ok()) {
    return RocksDbError(opened, ErrorCode::kViewsDamaged,
                        "cannot open the views in " + directory.string());
  }
  return std::unique_ptr<StoredViewRows>(
      new StoredViewRows(directory, std::unique_ptr<rocksdb::DB>(db)));
}

StoredViewRows::StoredViewRows(std::filesystem::path directory, std::unique_ptr<rocksdb::DB> db)
    : directory_(std::move(directory)), db_(std::move(db)) {}

StoredViewRows::~StoredViewRows() = default;

Result<std::optional<std::string>> StoredViewRows::Find(std::string_view key) const {
  std::string value;
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  const rocksdb::Status found = db_->Get(options, rocksdb::Slice(key), &value);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) return CannotRead(found, directory_);
  return value;
}

StoredViewRows::Cursor::Cursor(const StoredViewRows& rows, std::string_view first_key)
    : rows_(&rows) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 1'024 * 1'024;
  position_.reset(rows.db_->NewIterator(options));
  position_->Seek(rocksdb::Slice(first_key));
}
StoredViewRows::Cursor::~Cursor() = default;
StoredViewRows::Cursor::Cursor(Cursor&&) noexcept = default;

bool StoredViewRows::Cursor::Valid() const { return position_->Valid(); }
void StoredViewRows::Cursor::Next() { position_->Next(); }
std::string_view StoredViewRows::Cursor::key() const { return position_->key().ToStringView(); }
std::string_view StoredViewRows::Cursor::value() const { return position_->value().ToStringView(); }

Status StoredViewRows::Cursor::status() const {
  if (position_->status().ok()) return {};
  return CannotRead(position_->status(), rows_->directory_);
}

}  // namespace coupond::storage
