#include "coupon_audit/read/stored_views.h"

#include <system_error>
#include <utility>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/damage_mark.h"
#include "storage/views/view_keys.h"
#include "storage/views/view_rows.h"

namespace coupond::audit {
namespace {

Audited<Checkpoint> DecodeCheckpoint(const std::string& bytes) {
  Result<Checkpoint> checkpoint = storage::DecodeCheckpoint(bytes);
  if (checkpoint && checkpoint->tip.group != GroupNumber()) return *checkpoint;
  return Unsound(ViolationKind::kViewCheckpointWrong, {},
                 checkpoint ? "the checkpoint says that the views contain nothing"
                            : "the checkpoint cannot be read");
}

/// Whether the checkpoint, if it is one at all, was written for rows of another shape. Version 0 is
/// none that was ever written, but what a row without a version reads as.
bool IsOfOtherVersion(const std::string& checkpoint) {
  storage::v1::CheckpointRow message;
  return message.ParseFromString(checkpoint) && message.views_version() != 0 &&
         message.views_version() != storage::kViewsVersion;
}

}  // namespace

std::string_view StateName(ViewsState state) {
  switch (state) {
    case ViewsState::kNone:
      return "none";
    case ViewsState::kMarkedDamaged:
      return "marked_damaged";
    case ViewsState::kOfOtherVersion:
      return "of_other_version";
    case ViewsState::kPresent:
      return "present";
  }
  return "unknown";
}

Audited<StoredViews> StoredViews::Open(const std::filesystem::path& data_directory) {
  const std::filesystem::path path = data_directory / "views";
  std::error_code error;
  const std::filesystem::directory_iterator first(path, error);
  if (error == std::errc::no_such_file_or_directory) return StoredViews(ViewsState::kNone);
  if (error) {
    return std::unexpected<Finding>(
        Error{.code = ErrorCode::kIo,
              .message = "cannot list " + path.string() + ": " + error.message()});
  }
  if (first == std::filesystem::directory_iterator()) return StoredViews(ViewsState::kNone);
  const Result<bool> marked = storage::DamageMark::IsIn(path);
  if (!marked) return std::unexpected(FindingOf(marked.error()));
  if (*marked) return StoredViews(ViewsState::kMarkedDamaged);

  Result<std::unique_ptr<storage::RawRows>> rows =
      storage::RawRows::Open(path, storage::RawRows::Database::kViews);
  if (!rows) return std::unexpected(FindingOf(std::move(rows.error())));
  Result<std::optional<std::string>> bytes = (*rows)->Find(storage::kCheckpointKey);
  if (!bytes) return std::unexpected(FindingOf(std::move(bytes.error())));
  if (!*bytes) {
    const Result<std::optional<std::string>> last = (*rows)->LastKey();
    if (!last) return std::unexpected(FindingOf(last.error()));
    if (!*last) return StoredViews(ViewsState::kNone);
    return Unsound(ViolationKind::kViewRowMissing, {},
                   "the views have rows, but no checkpoint that says how far they have come");
  }
  if (IsOfOtherVersion(**bytes)) return StoredViews(ViewsState::kOfOtherVersion);
  Audited<Checkpoint> checkpoint = DecodeCheckpoint(**bytes);
  if (!checkpoint) return std::unexpected(std::move(checkpoint.error()));
  StoredViews views(ViewsState::kPresent);
  views.rows_ = std::move(*rows);
  views.checkpoint_ = *checkpoint;
  views.checkpoint_bytes_ = std::move(**bytes);
  return views;
}

}  // namespace coupond::audit
