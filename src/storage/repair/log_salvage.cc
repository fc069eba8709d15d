#include "storage/repair/log_salvage.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <limits>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "base/big_endian.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/shown_files.h"
#include "storage/rocksdb_log/wal_records.h"

namespace coupond::storage {
namespace {

constexpr std::uint64_t kGroupsPerProgress = 1'000;
/// How far behind damage to look for something readable. A damaged block holds fewer groups.
constexpr std::uint64_t kDamagedGroupsMax = std::uint64_t{1} << 32;

/// Turns off every check that would refuse a file only because another one does not match it: only
/// the records themselves count.
rocksdb::Options PastDamageOptions() {
  rocksdb::Options options = LogOptions(nullptr);
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  options.track_and_verify_wals_in_manifest = false;
  options.paranoid_checks = false;
  options.force_consistency_checks = false;
  options.verify_sst_unique_id_in_manifest = false;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  return options;
}

/// Copies the files instead of linking them, because rebuilding writes to them.
Status CopyFiles(const std::filesystem::path& from, const std::filesystem::path& to) {
  TRY(RemoveAll(to));
  TRY(MakePrivateDirectory(to));
  std::error_code error;
  std::filesystem::copy(from, to, error);
  if (error) return SystemError("copy the log to", to, error.value());
  return {};
}

/// Opens the log past its damage. kRebuilt writes to the directory.
Result<ReadOnlyLog> OpenPastDamage(const std::filesystem::path& directory, SalvageMethod method) {
  rocksdb::Options options = PastDamageOptions();
  // Not tracking them any more means a change of the list, which an assert forbids here.
  options.track_and_verify_wals_in_manifest = method == SalvageMethod::kPastDamage;
  // Neither way is safe from RocksDB's asserts, nor from its endless loops.
  TRY(CheckWalOrder(directory, options.env));
  std::shared_ptr<rocksdb::Env> hidden = TRY(HideDamage(directory, options.env));
  if (hidden) options.env = hidden.get();
  if (method == SalvageMethod::kRebuilt) {
    const rocksdb::Status rebuilt = rocksdb::RepairDB(directory, options);
    if (!rebuilt.ok()) {
      return RocksDbError(rebuilt, ErrorCode::kLogDamaged,
                          "cannot rebuild the list of files in " + directory.string());
    }
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(options, directory, &db);
  if (!opened.ok()) {
    return RocksDbError(opened, ErrorCode::kLogDamaged,
                        "cannot open the log in " + directory.string());
  }
  return ReadOnlyLog({}, std::move(hidden), std::unique_ptr<rocksdb::DB>(db));
}

void CountRecord(const rocksdb::Iterator& position, EventCodec& codec, LogSurvey::Behind& behind) {
  const std::optional<GroupNumber> number = ParseLogKey(position.key().ToStringView());
  if (!number) return;
  const Result<CommitRecord> record = ParseRecord(position.value().ToStringView());
  if (!record) return;
  const Result<CommitGroup> group = codec.Decode(*record);
  if (!group) return;
  behind.groups += 1;
  behind.events += group->events.size();
  behind.coupons += static_cast<std::uint64_t>(std::count_if(
      group->events.begin(), group->events.end(),
      [](const Event& event) { return std::holds_alternative<CouponIssued>(event); }));
  behind.bytes += position.value().size();
  behind.last = *number;
  behind.last_sequence = group->last_sequence();
}

/// Returns the number that a key begins with, whatever else it holds. The key of the next number is
/// greater.
std::uint64_t NumberOf(std::string_view key) {
  std::string bytes(key.substr(0, kBigEndianBytes));
  bytes.resize(kBigEndianBytes, '\0');
  return ReadBigEndian(bytes);
}

/// Counts from `position` to the end, skipping what cannot be read.
void CountBehind(rocksdb::Iterator& position, GroupNumber from, LogSurvey::Behind& behind) {
  EventCodec codec;
  std::string last = LogKey(from);  // only grows, so that this ends
  while (true) {
    for (; position.Valid(); position.Next()) {
      CountRecord(position, codec, behind);
      last = position.key().ToString();
    }
    const std::uint64_t number = NumberOf(last);
    for (std::uint64_t step = 1;
         !position.Valid() && !position.status().ok() && step <= kDamagedGroupsMax; step *= 2) {
      if (number > std::numeric_limits<std::uint64_t>::max() - step) return;
      position.Seek(LogKey(GroupNumber(number + step)));
    }
    if (!position.Valid() || position.key().ToStringView() <= last) return;
  }
}

}  // namespace

Result<std::unique_ptr<LogSalvage>> LogSalvage::Open(const std::filesystem::path& log,
                                                     SalvageMethod method,
                                                     const std::filesystem::path& scratch) {
  std::filesystem::path directory = log;
  if (method == SalvageMethod::kRebuilt) {
    TRY(CopyFiles(log, scratch));
    directory = scratch;
  }
  ReadOnlyLog opened =
      TRY(method == SalvageMethod::kAsUsual ? OpenLogReadOnly(directory, LogOptions(nullptr))
                                            : OpenPastDamage(directory, method));
  return std::unique_ptr<LogSalvage>(new LogSalvage(std::move(directory), std::move(opened)));
}

LogSalvage::LogSalvage(std::filesystem::path directory, ReadOnlyLog log)
    : directory_(std::move(directory)), log_(std::move(log)) {}

LogSalvage::~LogSalvage() = default;

LogSurvey LogSalvage::Survey(GroupNumber marked, const Progress& progress) const {
  LogSurvey survey;
  const std::unique_ptr<rocksdb::Iterator> position(log_.db->NewIterator(LogReadOptions()));
  position->SeekToFirst();
  SurveySound(marked, progress, *position, survey);
  if (survey.broken) CountBehind(*position, survey.sound.group, survey.behind);
  return survey;
}

void LogSalvage::SurveySound(GroupNumber marked, const Progress& progress,
                             rocksdb::Iterator& position, LogSurvey& survey) const {
  RecordChain chain;
  for (; position.Valid(); position.Next()) {
    const auto stop = [&survey](const RecordFault& fault) {
      survey.broken = {
          .code = ErrorCodeOf(fault.kind),
          .message = "group " + std::to_string(fault.group.value()) + ": " + fault.detail};
    };
    if (const auto key = chain.CheckKey(position.key().ToStringView()); !key) {
      return stop(key.error());
    }
    const std::string_view record = position.value().ToStringView();
    const auto checked = chain.Take(record);
    if (!checked) return stop(checked.error());
    const GroupNumber number = checked->group.number;
    if (number == GroupNumber(1)) {
      survey.identity = std::get<StoreCreated>(checked->group.events.front());
    }
    if (number == marked) survey.marked_hash = checked->hash;
    survey.sound = chain.tip();
    survey.sound_bytes += record.size();
    if (progress && number.value() % kGroupsPerProgress == 0) progress(number.value());
  }
  if (position.status().ok()) return;
  survey.broken =
      RocksDbError(position.status(), ErrorCode::kLogDamaged,
                   "group " + std::to_string(survey.sound.group.Next().value()) + " cannot be read")
          .error();
}

Status LogSalvage::Read(GroupNumber last, const Visitor& visit) const {
  const std::unique_ptr<rocksdb::Iterator> position(log_.db->NewIterator(LogReadOptions()));
  position->SeekToFirst();
  for (GroupNumber number(1); number <= last; number = number.Next()) {
    if (!position->Valid()) {
      return MakeError(ErrorCode::kLogDamaged,
                       "group " + std::to_string(number.value()) + " of the log in " +
                           directory_.string() +
                           " cannot be read any more: " + position->status().ToString());
    }
    TRY(visit(number, position->value().ToStringView()));
    position->Next();
  }
  return {};
}

}  // namespace coupond::storage
