#include "storage/repair/source_store.h"

#include <optional>
#include <utility>
#include <variant>

#include "storage/files/log_witnesses.h"
#include "storage/views/view_database.h"

namespace coupond::storage {

Result<SourceStore> SourceStore::Open(DataDirectory directory, RecordFormat format,
                                      std::uint32_t views_version) {
  const Watermark watermark = TRY(ReadWatermark(directory.watermark_path()));
  std::unique_ptr<StoredLog> log = TRY(StoredLog::Open(directory.log_path(), nullptr, format));
  SourceStore store(std::move(directory), watermark, std::move(log));
  TRY(store.CheckEnd(views_version));
  return store;
}

SourceStore::SourceStore(DataDirectory directory, const Watermark& watermark,
                         std::unique_ptr<StoredLog> log)
    : directory_(std::move(directory)), watermark_(watermark), log_(std::move(log)) {}

Status SourceStore::CheckEnd(std::uint32_t views_version) const {
  const GroupNumber last = log_->Tip().group;
  TRY(CheckReaches(directory_, last, watermark_.group, directory_.watermark_path().string()));
  const std::filesystem::path views = directory_.views_path();
  const Result<std::optional<Checkpoint>> seen = LookAtViews(views, nullptr, views_version);
  if (!seen && seen.error().code != ErrorCode::kViewsDamaged) return std::unexpected(seen.error());
  // Damaged views, and those of another store, prove nothing; a start would discard them.
  if (!seen || !*seen || (*seen)->store_id != id()) return {};
  return CheckReaches(directory_, last, (*seen)->tip.group, "the checkpoint in " + views.string());
}

Status SourceStore::Read(const LogReader::Visitor& visit) const {
  return log_->Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash& hash) -> Status {
    if (group.number == watermark_.group) {
      TRY(CheckMarkedGroup(directory_, watermark_, hash));
    }
    if (group.number == GroupNumber(1)) {
      const auto& created = std::get<StoreCreated>(group.events.front());
      TRY(CheckIsOfStore(directory_, created.store_id));
    }
    return visit(group, hash);
  });
}

}  // namespace coupond::storage
