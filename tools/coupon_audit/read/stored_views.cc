#include "coupon_audit/read/stored_views.h"

#include <optional>
#include <system_error>
#include <utility>

#include "coupon_audit/read/patience.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"

namespace coupond::audit {
namespace {

using storage::StoredViewRows;

Audited<Checkpoint> DecodeCheckpoint(const std::string& bytes) {
  Result<Checkpoint> checkpoint = storage::DecodeCheckpoint(bytes);
  if (checkpoint && checkpoint->tip.group != GroupNumber()) return *checkpoint;
  return Unsound(ViolationKind::kViewCheckpointWrong, {},
                 checkpoint ? "the checkpoint says that the views are empty"
                            : "the checkpoint cannot be read");
}

/// Reports whether the row is a checkpoint that was written for rows of another shape. No views
/// ever had version 0, which is what a row without a version reads as.
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
  const std::filesystem::directory_iterator entry(path, error);
  if (error == std::errc::no_such_file_or_directory) return StoredViews(ViewsState::kNone);
  if (error) {
    return std::unexpected<Finding>(
        Error{.code = ErrorCode::kIo,
              .message = "cannot list " + path.string() + ": " + error.message()});
  }
  if (entry == std::filesystem::directory_iterator()) return StoredViews(ViewsState::kNone);
  if (TRY(AsAudited(storage::DamageMark::IsIn(path)))) {
    return StoredViews(ViewsState::kMarkedDamaged);
  }
  std::unique_ptr<StoredViewRows> rows =
      TRY(AsAudited(OpenPatiently([&path] { return StoredViewRows::Open(path); })));
  std::optional<std::string> bytes = TRY(AsAudited(rows->Find(storage::kCheckpointKey)));
  if (!bytes) {
    const auto first = rows->From("");
    if (first.Valid()) {
      return Unsound(ViolationKind::kViewRowMissing, {},
                     "the views have rows, but no checkpoint that says how far they have come");
    }
    TRY(AsAudited(first.status()));
    return StoredViews(ViewsState::kNone);
  }
  if (IsOfOtherVersion(*bytes)) return StoredViews(ViewsState::kOfOtherVersion);
  StoredViews views(ViewsState::kPresent);
  views.rows_ = std::move(rows);
  views.checkpoint_ = TRY(DecodeCheckpoint(*bytes));
  views.checkpoint_bytes_ = std::move(*bytes);
  return views;
}

}  // namespace coupond::audit
