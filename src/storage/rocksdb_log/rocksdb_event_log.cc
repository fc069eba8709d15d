#include "storage/rocksdb_log/rocksdb_event_log.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "storage/files/env_files.h"
#include "storage/files/file_rewrite.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/format/commit_record.h"

namespace coupond::storage {
namespace {

Result<std::unique_ptr<rocksdb::DB>> OpenDatabase(
    const std::filesystem::path& directory, bool create,
    const std::shared_ptr<const HiddenTexts>& hidden_texts, rocksdb::Env* env) {
  TRY(CheckWalOrder(directory, env));
  rocksdb::Options options = LogOptions(env);
  options.compaction_filter_factory = std::make_shared<HiddenTextsFilter>(hidden_texts);
  options.create_if_missing = create;
  options.error_if_exists = create;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, directory, &db);
  if (opened.ok()) return std::unique_ptr<rocksdb::DB>(db);
  return RocksDbError(opened, ErrorCode::kLogDamaged,
                      "cannot open the log in " + directory.string());
}

/// RocksDB's own files are readable by all: the directory keeps others out.
Status CreateDirectory(const std::filesystem::path& directory, rocksdb::Env* env) {
  if (TRY(Exists(directory, env))) {
    return MakeError(ErrorCode::kIo, "cannot make a log in " + directory.string() +
                                         ", because it is there already");
  }
  return MakePrivateDirectory(directory, env);
}

}  // namespace

/// Hands out the records of a log one after the other, from the groups of the WALs where they are
/// in memory, otherwise from the database.
class RocksDbEventLog::Records {
 public:
  /// `log` must outlive the records.
  explicit Records(const RocksDbEventLog& log) : log_(log), wal_groups_(log.wal_groups()) {}

  /// Returns the record of this group, valid until the next call. Call it with growing numbers.
  Result<std::string_view> Get(GroupNumber number) {
    const std::string* const record = wal_groups_ ? wal_groups_->Find(number) : nullptr;
    if (record != nullptr) return *record;
    if (!position_) position_.reset(log_.db_->NewIterator(LogReadOptions()));
    if (next_ == number) {
      position_->Next();
    } else {
      position_->Seek(LogKey(number));
    }
    next_ = number.Next();
    if (!position_->status().ok()) {
      return RocksDbError(position_->status(), ErrorCode::kLogDamaged,
                          "cannot read group " + std::to_string(number.value()) +
                              " of the log in " + log_.directory_.string());
    }
    if (!position_->Valid() || position_->key() != LogKey(number)) {
      return log_.At(number, ErrorCode::kLogGap, "it is missing, but later groups are there");
    }
    return position_->value().ToStringView();
  }

 private:
  const RocksDbEventLog& log_;
  const std::shared_ptr<const WalGroups> wal_groups_;
  std::unique_ptr<rocksdb::Iterator> position_;
  std::optional<GroupNumber> next_;  ///< the group behind position_
};

Result<std::unique_ptr<RocksDbEventLog>> RocksDbEventLog::Open(
    const std::filesystem::path& directory, Mode mode, rocksdb::Env* env) {
  if (mode != Mode::kReadOnly) return OpenForWriting(directory, mode, env);
  TRY(CheckLogIsThere(directory, env));
  ReadOnlyLog opened = TRY(OpenLogReadOnly(directory, LogOptions(env), WalReading::kKeepGroups));
  std::unique_ptr<RocksDbEventLog> log(new RocksDbEventLog(directory, mode, std::move(opened),
                                                           std::make_shared<HiddenTexts>(), env));
  log->wal_groups_ = log->whole_records_.groups;
  TRY(log->FindTip());
  return log;
}

Result<std::unique_ptr<RocksDbEventLog>> RocksDbEventLog::OpenForWriting(
    const std::filesystem::path& directory, Mode mode, rocksdb::Env* env) {
  const bool create = mode == Mode::kCreate;
  TRY(create ? CreateDirectory(directory, env) : CheckLogIsThere(directory, env));
  auto hidden_texts = std::make_shared<HiddenTexts>();
  std::unique_ptr<rocksdb::DB> database = TRY(OpenDatabase(directory, create, hidden_texts, env));
  ReadOnlyLog opened({}, nullptr, std::move(database));
  std::unique_ptr<RocksDbEventLog> log(
      new RocksDbEventLog(directory, mode, std::move(opened), std::move(hidden_texts), env));
  TRY(log->FindTip());
  return log;
}

Result<std::unique_ptr<RocksDbEventLog>> RocksDbEventLog::OpenAfter(const RocksDbEventLog& look,
                                                                    rocksdb::Env* env) {
  std::unique_ptr<RocksDbEventLog> log = TRY(OpenForWriting(look.directory_, Mode::kAppend, env));
  if (log->Tip() != look.Tip()) {
    return MakeError(ErrorCode::kLogDamaged,
                     "the log in " + look.directory_.string() + " ends at group " +
                         std::to_string(look.Tip().group.value()) +
                         ", but after it was opened for writing it ends at group " +
                         std::to_string(log->Tip().group.value()) +
                         "; restore a backup with `coupon-audit restore`");
  }
  log->wal_groups_ = look.wal_groups();
  return log;
}

RocksDbEventLog::RocksDbEventLog(std::filesystem::path directory, Mode mode, ReadOnlyLog opened,
                                 std::shared_ptr<HiddenTexts> hidden_texts, rocksdb::Env* env)
    : directory_(std::move(directory)),
      mode_(mode),
      hidden_texts_(std::move(hidden_texts)),
      env_(env),
      opened_(std::move(opened)),
      whole_records_(opened_.whole),
      db_(opened_.db.get()) {}

RocksDbEventLog::~RocksDbEventLog() = default;

LogTip RocksDbEventLog::Tip() const {
  const std::lock_guard lock(mutex_);
  return tip_;
}

std::shared_ptr<const WalGroups> RocksDbEventLog::wal_groups() const {
  const std::lock_guard lock(mutex_);
  return wal_groups_;
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
  COUPOND_CHECK(TimeFollows(group, tip));
  COUPOND_CHECK(!MisplacedStoreCreation(group));
  COUPOND_CHECK(!MisplacedClockReset(group, tip));

  const GroupHash hash = append_codec_.Write(group, tip.hash, record_);
  const rocksdb::Status written = db_->Put(LogWriteOptions(), LogKey(group.number), record_);
  if (!written.ok()) {
    failed_ = true;
    return RocksDbError(written, ErrorCode::kLogDamaged,
                        "cannot append group " + std::to_string(group.number.value()) +
                            " to the log in " + directory_.string());
  }
  const std::lock_guard lock(mutex_);
  tip_ = TipOf(group, hash);
  wal_groups_ = nullptr;
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
  const LogTip before = TRY(TipAfter(GroupNumber(first.value() - 1)));
  RecordChain chain(before);
  Records records(*this);
  for (GroupNumber number = first; number <= end.group; number = number.Next()) {
    const std::string_view bytes = TRY(records.Get(number));
    CheckedRecord record = TRY(Take(chain, bytes));
    hidden_texts_->RemoveFrom(record.group);
    TRY(visit(record.group, record.hash));
  }
  // What has been read from memory once need not stay there. A look keeps it for OpenAfter.
  if (mode_ != Mode::kReadOnly) {
    const std::lock_guard lock(mutex_);
    wal_groups_ = nullptr;
  }
  return {};
}

Result<CheckedRecord> RocksDbEventLog::ReadOne(GroupNumber number) const {
  if (number.value() == 0) return At(number, ErrorCode::kInvalidArgument, "groups begin at 1");
  const LogTip before = TRY(TipAfter(GroupNumber(number.value() - 1)));
  const std::string record = TRY(ReadRecord(number));
  RecordChain chain(before);
  return Take(chain, record);
}

Result<bool> RocksDbEventLog::PurgeHiddenTexts(const TextPlaces& places,
                                               const std::atomic<bool>& stop) {
  {
    // The database has these groups, too.
    const std::lock_guard lock(mutex_);
    wal_groups_ = nullptr;
  }
  const auto make_ranges = [&places] {
    std::vector<KeySpan> ranges;
    for (const GroupNumber group : places.groups) {
      const std::string key = LogKey(group);
      ranges.push_back({.first = key, .last = key});
    }
    return ranges;
  };
  const bool gone = TRY(text_rewrite_.Continue(places.erasure, stop, [&] {
    return std::make_unique<FileRewrite>(*db_, directory_, env_, make_ranges());
  }));
  EventCodec codec;
  for (const GroupNumber group : places.groups) {
    const std::string record = TRY(ReadRecord(group));
    const auto without = TRY(
        codec.WithoutTexts(record, [this](Serial coupon) { return hidden_texts_->Has(coupon); }));
    if (without)
      return At(group, ErrorCode::kLogDamaged, "the text of a user could not be removed");
  }
  return gone;
}

Status RocksDbEventLog::FindTip() {
  const std::unique_ptr<rocksdb::Iterator> last(db_->NewIterator(LogReadOptions()));
  last->SeekToLast();
  if (!last->status().ok()) {
    return RocksDbError(last->status(), ErrorCode::kLogDamaged,
                        "cannot read the end of the log in " + directory_.string());
  }
  GroupNumber number;
  if (last->Valid()) {
    const std::optional<GroupNumber> key = ParseLogKey(last->key().ToStringView());
    if (!key) {
      return MakeError(ErrorCode::kLogUndecodable,
                       "the log in " + directory_.string() + " has a key that is no group number");
    }
    number = *key;
  }
  if (wal_groups_ && !wal_groups_->records.empty()) {
    number = std::max(number, GroupNumber(wal_groups_->end().value() - 1));
  }
  if (number == GroupNumber()) return {};
  const CheckedRecord last_record = TRY(ReadOne(number));
  const std::lock_guard lock(mutex_);
  tip_ = TipOf(last_record.group, last_record.hash);
  return {};
}

Result<LogTip> RocksDbEventLog::TipAfter(GroupNumber group) const {
  if (group.value() == 0) return LogTip{};
  const std::string bytes = TRY(ReadRecord(group));
  const Result<CommitRecord> record = ParseRecord(bytes);
  if (!record) return At(group, record.error().code, record.error().message);
  EventCodec codec;
  const Result<CommitGroup> decoded = codec.Decode(*record);
  if (!decoded) return At(group, decoded.error().code, decoded.error().message);
  LogTip tip = TipOf(*decoded, record->hash);
  tip.group = group;
  return tip;
}

Result<std::string> RocksDbEventLog::ReadRecord(GroupNumber number) const {
  const std::shared_ptr<const WalGroups> wal_groups = this->wal_groups();
  const std::string* const kept = wal_groups ? wal_groups->Find(number) : nullptr;
  if (kept != nullptr) return *kept;
  std::string record;
  const rocksdb::Status found = db_->Get(LogReadOptions(), LogKey(number), &record);
  if (found.ok()) return record;
  if (found.IsNotFound()) return At(number, ErrorCode::kLogGap, "it is missing");
  return RocksDbError(found, ErrorCode::kLogDamaged,
                      "cannot read group " + std::to_string(number.value()) + " of the log in " +
                          directory_.string());
}

Result<CheckedRecord> RocksDbEventLog::Take(RecordChain& chain, std::string_view record) const {
  auto taken = chain.Take(record);
  if (!taken) return std::unexpected(ErrorOf(taken.error(), directory_));
  return std::move(*taken);
}

std::unexpected<Error> RocksDbEventLog::At(GroupNumber group, ErrorCode code,
                                           std::string_view what) const {
  return MakeError(code, "group " + std::to_string(group.value()) + " of the log in " +
                             directory_.string() + ": " + std::string(what));
}

}  // namespace coupond::storage
