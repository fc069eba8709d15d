#include "coupon_audit/read/witnessed_log.h"

#include <fmt/format.h>

#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "coupon_audit/read/patience.h"
#include "engine/rules/event.h"
#include "storage/files/store_format.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/format/event_scan.h"

namespace coupond::audit {
namespace {

using storage::FormatHash;
using storage::RecordFault;
using storage::StoredLog;
using storage::StoreFormat;

std::unexpected<Finding> NotADataDirectory(const std::filesystem::path& directory,
                                           std::string_view why) {
  return std::unexpected<Finding>(Error{.code = ErrorCode::kNotADataDirectory,
                                        .message = directory.string() + std::string(why)});
}

/// Returns the size of all files that hold groups. It is a figure for people, so that files that
/// come and go meanwhile do not matter.
std::uint64_t DataBytesIn(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  std::filesystem::directory_iterator entry(directory, ignored);
  for (; !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    const std::filesystem::path extension = entry->path().extension();
    if (extension != ".sst" && extension != ".log") continue;
    std::error_code gone;
    const std::uintmax_t size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

ViolationKind ViolationOf(storage::RecordFaultKind kind) {
  using enum storage::RecordFaultKind;
  switch (kind) {
    case kKeyWrong:
      return ViolationKind::kKeyWrong;
    case kGroupMissing:
      return ViolationKind::kGroupMissing;
    case kChainBroken:
      return ViolationKind::kChainBroken;
    case kGroupNumberWrong:
      return ViolationKind::kGroupNumberWrong;
    case kSequenceGap:
      return ViolationKind::kSequenceGap;
    case kTimeWentBack:
      return ViolationKind::kTimeWentBack;
    case kClockResetWrong:
      return ViolationKind::kClockResetWrong;
    case kStoreNotCreated:
      return ViolationKind::kStoreNotCreated;
    case kStoreCreatedAgain:
      return ViolationKind::kStoreCreatedAgain;
    case kUndecodable:
      break;
  }
  return ViolationKind::kGroupUndecodable;
}

/// Returns the finding for a fault behind `tip`.
Finding FindingOf(const storage::LogFault& fault, const LogTip& tip) {
  if (const auto* record = std::get_if<RecordFault>(&fault)) {
    return Violation{
        .kind = ViolationOf(record->kind),
        .place = {.group = record->group, .sequence = record->sequence, .campaign = {}},
        .detail = record->detail};
  }
  Finding finding = audit::FindingOf(std::get<Error>(fault));
  if (auto* violation = std::get_if<Violation>(&finding)) {
    violation->place.group = tip.group.Next();
  }
  return finding;
}

}  // namespace

Audited<LogWitnesses> ReadWitnesses(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return NotADataDirectory(directory, " is not a directory; give the --data-dir of a coupond");
  }
  const std::optional<StoreFormat> format =
      TRY(AsAudited(storage::ReadStoreFormat(directory / "FORMAT")));
  if (!format) {
    return NotADataDirectory(directory,
                             " has no file FORMAT, so it is not a data directory; give the "
                             "--data-dir of a coupond, or put FORMAT back from a copy");
  }
  if (format->state == StoreFormat::State::kCreating) {
    return NotADataDirectory(directory,
                             " holds a store that was never completed: nothing was ever "
                             "acknowledged there; start coupond on it to complete it");
  }
  const storage::Watermark watermark =
      TRY(AsAudited(storage::ReadWatermark(directory / "WATERMARK")));
  return LogWitnesses{.store_id = format->store_id, .watermark = watermark};
}

Audited<WitnessedLog> WitnessedLog::Open(const std::filesystem::path& directory,
                                         const LogWitnesses& witnesses) {
  const std::filesystem::path path = directory / "log";
  std::unique_ptr<StoredLog> log =
      TRY(AsAudited(OpenPatiently([&path] { return StoredLog::Open(path); })));
  return WitnessedLog(witnesses, std::move(log), DataBytesIn(path));
}

Audited<WitnessedLog> WitnessedLog::Open(const std::filesystem::path& directory) {
  const LogWitnesses witnesses = TRY(ReadWitnesses(directory));
  return Open(directory, witnesses);
}

WitnessedLog::WitnessedLog(const LogWitnesses& witnesses, std::unique_ptr<StoredLog> log,
                           std::uint64_t bytes_on_disk)
    : witnesses_(witnesses), log_(std::move(log)), bytes_on_disk_(bytes_on_disk) {}

Audited<Erasures> WitnessedLog::FindErasures() const {
  Erasures erasures;
  storage::EventCodec codec;
  const Status visited = log_->VisitRecords([&](std::string_view bytes) {
    const Result<storage::CommitRecord> record = storage::ParseRecord(bytes);
    if (!record || !storage::TellsOfMissingTexts(record->payload)) return;
    const Result<CommitGroup> group = codec.Decode(*record);
    if (!group) return;
    Sequence sequence = group->first_sequence;
    for (const Event& event : group->events) {
      erasures.Note(event, sequence);
      sequence = sequence.Next();
    }
  });
  TRY(AsAudited(visited));
  return erasures;
}

Audited<std::optional<storage::CheckedRecord>> WitnessedLog::Reader::Next() {
  auto next = groups_.Next();
  if (!next) return std::unexpected(FindingOf(next.error(), groups_.tip()));
  if (*next) {
    TRY(CheckWitnesses(**next));
  } else {
    TRY(CheckEnd());
  }
  return std::move(*next);
}

Audited<void> WitnessedLog::Reader::CheckEnd() const {
  const LogTip& tip = groups_.tip();
  const GroupNumber acknowledged = log_.witnesses_.watermark.group;
  if (tip.group >= acknowledged) return {};
  return Unsound(ViolationKind::kLogBehindWatermark,
                 {.group = tip.group.Next(), .sequence = tip.sequence.Next(), .campaign = {}},
                 fmt::format("the log ends with group {}, but WATERMARK says that group {} was "
                             "acknowledged",
                             tip.group.value(), acknowledged.value()));
}

Audited<void> WitnessedLog::Reader::CheckWitnesses(const storage::CheckedRecord& record) const {
  const auto& [store_id, watermark] = log_.witnesses_;
  const CommitGroup& group = record.group;
  const Place place{.group = group.number, .sequence = {}, .campaign = {}};
  if (group.number == watermark.group && record.hash != watermark.hash) {
    return Unsound(ViolationKind::kWatermarkHashWrong, place,
                   fmt::format("the group has the hash {}, but WATERMARK says {}",
                               FormatHash(record.hash), FormatHash(watermark.hash)));
  }
  if (group.number != GroupNumber(1)) return {};
  const StoreId& found = std::get<StoreCreated>(group.events.front()).store_id;
  if (found == store_id) return {};
  return Unsound(ViolationKind::kLogOfAnotherStore, place,
                 fmt::format("FORMAT names the store {}, but the log belongs to {}",
                             FormatUuid(store_id.bytes), FormatUuid(found.bytes)));
}

}  // namespace coupond::audit
