#include "storage/repair/log_repair.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "storage/files/data_directory.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/watermark.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"
#include "storage/repair/log_copy.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/rocksdb_log/whole_records.h"
#include "storage/views/view_database.h"

namespace coupond::storage {
namespace {

constexpr std::uint64_t kGroupsPerProgress = 1'000;

/// Refuses a directory that holds no finished store before a lock file is created in it.
Status CheckIsStore(const std::filesystem::path& path) {
  const std::optional<StoreFormat> format = TRY(ReadStoreFormat(path / "FORMAT"));
  if (!format) {
    return MakeError(ErrorCode::kNotADataDirectory,
                     path.string() +
                         " has no file FORMAT, so it is not a data directory, and nothing in it "
                         "can be repaired; put FORMAT back, or restore a backup with "
                         "`coupon-audit restore`");
  }
  // Opening refuses a backup.
  if (format->state != StoreFormat::State::kCreating) return {};
  return MakeError(
      ErrorCode::kNotADataDirectory,
      path.string() +
          " holds a store whose creation was interrupted: nothing was ever acknowledged, "
          "so there is nothing to repair; start coupond, which creates a new store");
}

/// Copies a small file under the same name; durable on return. A missing file is not an error.
Status KeepFile(const std::filesystem::path& file, const std::filesystem::path& directory) {
  const std::optional<std::string> contents = TRY(ReadSmallFile(file));
  if (!contents) return {};
  return ReplaceFile(directory / file.filename(), *contents);
}

}  // namespace

Result<std::unique_ptr<LogRepair>> LogRepair::Inspect(const std::filesystem::path& path,
                                                      const Progress& progress) {
  TRY(CheckRocksDbVersion());
  TRY(CheckIsStore(path));
  DataDirectory directory = TRY(DataDirectory::Open(path));
  std::unique_ptr<LogRepair> repair(new LogRepair(path, std::move(directory)));
  TRY(repair->Look(progress));
  return repair;
}

LogRepair::LogRepair(std::filesystem::path path, DataDirectory directory)
    : path_(std::move(path)), directory_(std::move(directory)) {}

LogRepair::~LogRepair() {
  salvage_.reset();
  // The next repair removes what is left.
  static_cast<void>(RemoveAll(scratch()));
}

std::filesystem::path LogRepair::removed_pattern() const {
  return path_ / "removed-YYYYMMDDTHHMMSSZ";
}

Status LogRepair::Look(const Progress& progress) {
  TRY(RemoveAll(scratch()));
  findings_.watermark = ReadWatermark(directory_.watermark_path());
  const bool unreadable = !findings_.watermark &&
                          findings_.watermark.error().code != ErrorCode::kWatermarkMissing &&
                          findings_.watermark.error().code != ErrorCode::kWatermarkDamaged;
  if (unreadable) return std::unexpected(findings_.watermark.error());
  // Views that cannot be read prove nothing; the next start rebuilds them anyway.
  const auto checkpoint = LookAtViews(directory_.views_path(), nullptr);
  if (checkpoint && *checkpoint && (*checkpoint)->store_id == directory_.store_id()) {
    findings_.views_group = (*checkpoint)->tip.group;
    findings_.views_sequence = (*checkpoint)->tip.sequence;
  }
  TRY(FindSoundPart(progress));
  return CheckIdentity();
}

Status LogRepair::FindSoundPart(const Progress& progress) {
  const std::uint64_t expected = findings_.acknowledged().value();
  const bool list_is_whole = TRY(ListIsWhole(directory_.log_path(), nullptr));
  const GroupNumber marked = findings_.watermark ? findings_.watermark->group : GroupNumber();
  for (const SalvageMethod method :
       {SalvageMethod::kAsUsual, SalvageMethod::kPastDamage, SalvageMethod::kRebuilt}) {
    TRY(MakePrivateDirectory(scratch()));
    auto salvage = LogSalvage::Open(directory_.log_path(), method, scratch() / "salvage");
    if (!salvage) {
      // With more room more of the log might turn out to be sound.
      if (salvage.error().code == ErrorCode::kNoSpace) return std::unexpected(salvage.error());
      // The first failure is what a start meets; those of the other ways say no more.
      if (method == SalvageMethod::kAsUsual) findings_.log_damage = salvage.error();
      continue;
    }
    LogSurvey survey = (*salvage)->Survey(marked, [&](std::uint64_t groups) {
      if (progress) progress(groups, std::max(groups, expected));
    });
    if (method == SalvageMethod::kAsUsual) findings_.log_damage = survey.broken;
    if (salvage_ == nullptr || survey.sound.group > findings_.survey.sound.group) {
      if (method != SalvageMethod::kAsUsual && !findings_.log_damage) {
        findings_.log_damage = {.code = ErrorCode::kLogDamaged,
                                .message = "its list of files lacks some that are there"};
      }
      findings_.survey = std::move(survey);
      salvage_ = std::move(*salvage);
    } else if (survey.behind.groups > findings_.survey.behind.groups) {
      findings_.survey.behind = survey.behind;
    }
    // Without WATERMARK it is unknown how far the log must reach, and a list that is not whole may
    // lack files, unless a start would use it, so another way may find more.
    const bool list_is_complete = method == SalvageMethod::kAsUsual || list_is_whole;
    if (findings_.watermark && list_is_complete && !findings_.survey.broken &&
        findings_.survey.sound.group.value() >= expected) {
      break;
    }
  }
  if (salvage_ != nullptr && findings_.survey.sound.group != GroupNumber()) return {};
  const Error why = findings_.survey.broken.value_or(findings_.log_damage.value_or(
      Error{.code = ErrorCode::kLogDamaged, .message = "it has no groups"}));
  return MakeError(why.code, "the log in " + directory_.log_path().string() +
                                 " has no sound beginning, so nothing of it can be kept; restore "
                                 "a backup with `coupon-audit restore`: " +
                                 why.message);
}

Status LogRepair::CheckIdentity() const {
  if (findings_.survey.identity->store_id != directory_.store_id()) {
    return MakeError(ErrorCode::kLogDamaged,
                     "the log in " + directory_.log_path().string() + " belongs to the store " +
                         FormatUuid(findings_.survey.identity->store_id.bytes) + ", but " +
                         directory_.format_path().string() +
                         " names another; put back the one that is wrong, or restore a backup "
                         "with `coupon-audit restore`");
  }
  const auto& hash = findings_.survey.marked_hash;
  if (findings_.watermark && hash && *hash != findings_.watermark->hash) {
    return MakeError(ErrorCode::kLogChainBroken,
                     "the log in " + directory_.log_path().string() + " is sound, but at group " +
                         std::to_string(findings_.watermark->group.value()) +
                         " it is not the one that " + directory_.watermark_path().string() +
                         " was written for; restore a backup with `coupon-audit restore`, or, if "
                         "you know that this log is the right one, move WATERMARK away and repair "
                         "again");
  }
  return {};
}

Result<RepairedStore> LogRepair::AcceptLoss(Entropy& entropy, const Clock& clock,
                                            const Progress& progress,
                                            const BeforeStep& before_step) {
  COUPOND_CHECK(findings_.needs_repair());
  COUPOND_CHECK(repaired_.removed.empty());
  const struct {
    RepairStep step;
    std::function<Status()> run;
  } steps[] = {
      {RepairStep::kCopyLog, [&] { return CopyLog(entropy, clock, progress); }},
      {RepairStep::kVerifyCopy, [&] { return VerifyCopy(progress); }},
      {RepairStep::kKeepOld, [&] { return KeepOld(clock); }},
      {RepairStep::kRemoveWatermark, [&] { return RemoveWatermark(); }},
      {RepairStep::kSwapLog, [&] { return SwapLog(); }},
      {RepairStep::kRemoveViews, [&] { return RemoveViews(); }},
      {RepairStep::kWriteWatermark, [&] { return WriteWatermark(); }},
  };
  for (const auto& [step, run] : steps) {
    if (before_step && !before_step(step)) {
      return MakeError(ErrorCode::kUnavailable, "the repair was ended before it was complete");
    }
    TRY(run());
  }
  return repaired_;
}

Status LogRepair::CopyLog(Entropy& entropy, const Clock& clock, const Progress& progress) {
  for (const std::filesystem::path& directory : {scratch(), unfinished()}) {
    TRY(MakePrivateDirectory(directory));
  }
  const std::unique_ptr<LogCopy> copy = TRY(LogCopy::Create(unfinished() / "log"));
  const GroupNumber last = findings_.survey.sound.group;
  RecordChain chain;
  RestoredHistory history;
  TRY(salvage_->Read(last, [&](GroupNumber number, std::string_view record) -> Status {
    if (progress && number.value() % kGroupsPerProgress == 0) {
      progress(number.value(), last.value());
    }
    const auto checked = chain.Take(record);
    if (!checked) return std::unexpected(ErrorOf(checked.error(), directory_.log_path()));
    history.Add(checked->group);
    return copy->Add(number, record);
  }));
  const CommitGroup continued = TRY(history.Continue(chain.tip(), entropy, clock));
  std::string record;
  const GroupHash hash = EventCodec().Write(continued, chain.tip().hash, record);
  TRY(copy->Add(continued.number, record));
  repaired_.tip = TipOf(continued, hash);
  repaired_.serials = history.SerialsIn(continued);
  return copy->Finish();
}

Status LogRepair::VerifyCopy(const Progress& progress) const {
  const std::filesystem::path path = unfinished() / "log";
  const auto log = TRY(RocksDbEventLog::Open(path, RocksDbEventLog::Mode::kReadOnly));
  const LogTip& tip = repaired_.tip;
  TRY(log->Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash&) -> Status {
    if (progress && group.number.value() % kGroupsPerProgress == 0) {
      progress(group.number.value(), tip.group.value());
    }
    return {};
  }));
  if (log->Tip() == tip) return {};
  return MakeError(ErrorCode::kLogDamaged,
                   "the new log in " + path.string() + " does not end where it should");
}

Status LogRepair::KeepOld(const Clock& clock) {
  TRY(KeepFile(directory_.format_path(), unfinished()));
  TRY(SyncDirectory(unfinished()));
  repaired_.removed = TRY(RemovedName(path_, clock));
  if (::rename(unfinished().c_str(), repaired_.removed.c_str()) != 0) {
    return SystemError("rename", unfinished(), errno);
  }
  return SyncDirectory(path_);
}

Status LogRepair::RemoveWatermark() const { return MoveAway(directory_.watermark_path()); }

Status LogRepair::SwapLog() const {
  TRY(ExchangeDirectories(repaired_.removed / "log", directory_.log_path()));
  TRY(SyncDirectory(repaired_.removed));
  return SyncDirectory(path_);
}

Status LogRepair::RemoveViews() const {
  // Views of the sound part alone stay: the next start goes on from there.
  const bool ahead = findings_.views_group > findings_.survey.sound.group;
  return findings_.log_damage || ahead ? MoveAway(directory_.views_path()) : Status();
}

Status LogRepair::MoveAway(const std::filesystem::path& path) const {
  const std::filesystem::path place = repaired_.removed / path.filename();
  if (TRY(Exists(path)) && ::rename(path.c_str(), place.c_str()) != 0) {
    return SystemError("move away", path, errno);
  }
  TRY(SyncDirectory(repaired_.removed));
  return SyncDirectory(path_);
}

Status LogRepair::WriteWatermark() const {
  return storage::WriteWatermark(directory_.watermark_path(),
                                 {.group = repaired_.tip.group, .hash = repaired_.tip.hash});
}

}  // namespace coupond::storage
