#include "storage/rocksdb_log/rocksdb_event_log.h"

#include <rocksdb/db.h>

#include <utility>

#include "base/big_endian.h"
#include "base/check.h"
#include "storage/files/directory.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/format/commit_record.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/log_opening.h"
#include "storage/rocksdb_log/wal_order.h"

namespace coupond::storage {
namespace {

std::string KeyOf(GroupNumber number) {
  std::string key;
  AppendBigEndian(key, number.value());
  return key;
}

Result<std::unique_ptr<rocksdb::DB>> OpenForWriting(const std::filesystem::path& directory,
                                                    bool create, rocksdb::Env* env) {
  if (Status ordered = CheckWalOrder(directory, env); !ordered) {
    return std::unexpected(std::move(ordered.error()));
  }
  rocksdb::Options options = LogOptions(env);
  options.create_if_missing = create;
  options.error_if_exists = create;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, directory, &db);
  if (!opened.ok()) {
    return RocksDbError(opened, ErrorCode::kLogDamaged,
                        "cannot open the log in " + directory.string());
  }
  return std::unique_ptr<rocksdb::DB>(db);
}

}  // namespace

Result<std::unique_ptr<RocksDbEventLog>> RocksDbEventLog::Open(
    const std::filesystem::path& directory, Mode mode, rocksdb::Env* env) {
  // RocksDB's own files are readable by all: the directory keeps others out.
  const bool create = mode == Mode::kCreate;
  const Result<bool> there = Exists(create ? directory : directory / "CURRENT", env);
  if (!there) return std::unexpected(there.error());
  if (create && *there) {
    return MakeError(ErrorCode::kIo, "cannot make a log in " + directory.string() +
                                         ", because it is there already");
  }
  if (create) {
    if (Status made = MakePrivateDirectory(directory, env); !made) {
      return std::unexpected(std::move(made.error()));
    }
  } else if (!*there) {
    return MakeError(ErrorCode::kLogMissing,
                     "there is no log in " + directory.string() +
                         " (its file CURRENT is missing); put the log back from a copy");
  }
  WholeRecords whole;
  std::unique_ptr<rocksdb::DB> db;
  if (mode == Mode::kReadOnly) {
    Result<ReadOnlyLog> opened = OpenLogReadOnly(directory, LogOptions(env));
    if (!opened) return std::unexpected(std::move(opened.error()));
    whole = std::move(opened->whole);
    db = std::move(opened->db);
  } else {
    Result<std::unique_ptr<rocksdb::DB>> opened = OpenForWriting(directory, create, env);
    if (!opened) return std::unexpected(std::move(opened.error()));
    db = std::move(*opened);
  }
  std::unique_ptr<RocksDbEventLog> log(
      new RocksDbEventLog(directory, mode, std::move(whole), std::move(db)));
  if (Status found = log->FindTip(); !found) return std::unexpected(std::move(found.error()));
  return log;
}

RocksDbEventLog::RocksDbEventLog(std::filesystem::path directory, Mode mode, WholeRecords whole,
                                 std::unique_ptr<rocksdb::DB> db)
    : directory_(std::move(directory)),
      mode_(mode),
      whole_records_(std::move(whole)),
      db_(std::move(db)) {}

RocksDbEventLog::~RocksDbEventLog() = default;

LogTip RocksDbEventLog::Tip() const {
  const std::lock_guard lock(tip_mutex_);
  return tip_;
}

Status RocksDbEventLog::Append(const CommitGroup& group) {
  if (failed_ || mode_ == Mode::kReadOnly) {
    return MakeError(ErrorCode::kUnavailable,
                     failed_ ? "the log takes no more groups, because one could not be written"
                             : "the log was opened for reading only");
  }
  const LogTip tip = Tip();
  COUPOND_CHECK(group.number == tip.group.Next());
  COUPOND_CHECK(group.first_sequence == tip.sequence.Next());
  COUPOND_CHECK(tip.group == GroupNumber() || group.commit_time >= tip.time);

  record_.assign(kHashBytes, '\0');
  append_codec_.Append(group, record_);
  const GroupHash hash = SealRecord(tip.hash, record_);
  const rocksdb::Status written = db_->Put(LogWriteOptions(), KeyOf(group.number), record_);
  if (!written.ok()) {
    failed_ = true;
    return RocksDbError(written, ErrorCode::kLogDamaged,
                        "cannot append group " + std::to_string(group.number.value()) +
                            " to the log in " + directory_.string());
  }
  const std::lock_guard lock(tip_mutex_);
  tip_ = TipOf(group, hash);
  return {};
}

Status RocksDbEventLog::Read(GroupNumber first, const Visitor& visit) const {
  const LogTip end = Tip();
  if (first.value() == 0 || first > end.group.Next()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "asked for the log from group " + std::to_string(first.value()) +
                         ", but it ends at group " + std::to_string(end.group.value()));
  }
  if (first > end.group) return {};
  Result<LogTip> previous = TipAfter(GroupNumber(first.value() - 1));
  if (!previous) return std::unexpected(std::move(previous.error()));

  EventCodec codec;
  const std::unique_ptr<rocksdb::Iterator> position(db_->NewIterator(LogReadOptions()));
  position->Seek(KeyOf(first));
  for (GroupNumber number = first; number <= end.group; number = number.Next()) {
    if (!position->status().ok()) {
      return RocksDbError(position->status(), ErrorCode::kLogDamaged,
                          "cannot read group " + std::to_string(number.value()) +
                              " of the log in " + directory_.string());
    }
    if (!position->Valid() || position->key() != KeyOf(number)) {
      return At(number, ErrorCode::kLogGap, "it is missing, but later groups are there");
    }
    Result<Entry> entry = CheckEntry(number, position->value().ToStringView(), *previous, codec);
    if (!entry) return std::unexpected(std::move(entry.error()));
    if (Status visited = visit(entry->group, entry->hash); !visited) return visited;
    *previous = TipOf(entry->group, entry->hash);
    position->Next();
  }
  return {};
}

Result<RocksDbEventLog::Entry> RocksDbEventLog::ReadOne(GroupNumber number) const {
  if (number.value() == 0) return At(number, ErrorCode::kInvalidArgument, "groups begin at 1");
  const Result<LogTip> previous = TipAfter(GroupNumber(number.value() - 1));
  if (!previous) return std::unexpected(previous.error());
  const Result<std::string> record = ReadRecord(number);
  if (!record) return std::unexpected(record.error());
  EventCodec codec;
  return CheckEntry(number, *record, *previous, codec);
}

Status RocksDbEventLog::FindTip() {
  const std::unique_ptr<rocksdb::Iterator> last(db_->NewIterator(LogReadOptions()));
  last->SeekToLast();
  if (!last->status().ok()) {
    return RocksDbError(last->status(), ErrorCode::kLogDamaged,
                        "cannot read the end of the log in " + directory_.string());
  }
  if (!last->Valid()) return {};
  if (last->key().size() != kBigEndianBytes || last->key() == KeyOf(GroupNumber())) {
    return MakeError(ErrorCode::kLogUndecodable,
                     "the log in " + directory_.string() + " has a key that is no group number");
  }
  const GroupNumber number(ReadBigEndian(last->key().ToStringView()));
  Result<Entry> entry = ReadOne(number);
  if (!entry) return std::unexpected(std::move(entry.error()));
  const std::lock_guard lock(tip_mutex_);
  tip_ = TipOf(entry->group, entry->hash);
  return {};
}

Result<LogTip> RocksDbEventLog::TipAfter(GroupNumber group) const {
  if (group.value() == 0) return LogTip{};
  const Result<std::string> bytes = ReadRecord(group);
  if (!bytes) return std::unexpected(bytes.error());
  const Result<CommitRecord> record = ParseRecord(*bytes);
  if (!record) return At(group, record.error().code, record.error().message);
  EventCodec codec;
  const Result<CommitGroup> decoded = codec.Decode(record->payload);
  if (!decoded) return At(group, decoded.error().code, decoded.error().message);
  return TipOf(*decoded, record->hash);
}

Result<std::string> RocksDbEventLog::ReadRecord(GroupNumber number) const {
  std::string record;
  const rocksdb::Status found = db_->Get(LogReadOptions(), KeyOf(number), &record);
  if (found.ok()) return record;
  if (found.IsNotFound()) return At(number, ErrorCode::kLogGap, "it is missing");
  return RocksDbError(found, ErrorCode::kLogDamaged,
                      "cannot read group " + std::to_string(number.value()) + " of the log in " +
                          directory_.string());
}

Result<RocksDbEventLog::Entry> RocksDbEventLog::CheckEntry(GroupNumber number,
                                                           std::string_view bytes,
                                                           const LogTip& previous,
                                                           EventCodec& codec) const {
  Result<CheckedRecord> checked = CheckRecord(number, bytes, previous, codec);
  if (!checked) return At(number, checked.error().code, checked.error().message);
  return Entry{std::move(checked->group), checked->hash};
}

std::unexpected<Error> RocksDbEventLog::At(GroupNumber group, ErrorCode code,
                                           std::string_view what) const {
  return MakeError(code, "group " + std::to_string(group.value()) + " of the log in " +
                             directory_.string() + ": " + std::string(what));
}

}  // namespace coupond::storage
