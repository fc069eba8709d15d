#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <utility>

#include "base/entropy.h"
#include "common/progress_bar.h"
#include "coupon_audit/commands/commands.h"
#include "engine/clock/system_clock.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "engine/rules/limits.h"
#include "engine/views/projection.h"
#include "storage/files/data_directory.h"
#include "storage/files/store_format.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/store.h"

namespace coupond::audit {
namespace {

/// What the rebuilt views contain.
struct RebuiltViews {
  LogTip tip;                   ///< how far they have come
  std::uint64_t campaigns = 0;  ///< live campaigns
  std::uint64_t coupons = 0;    ///< ever issued, of live campaigns
};

/// Called with how many groups are done, out of how many: twice those of the log, which is read
/// twice.
using Progress = std::function<void(std::uint64_t done, std::uint64_t groups)>;

constexpr std::uint64_t kGroupsPerProgress = 1'000;
constexpr std::size_t kRowsPerRead = 1'000;

/// Refuses a directory without a finished store, in which opening would create one.
Status CheckIsStore(const std::filesystem::path& path) {
  const auto format = TRY(storage::ReadStoreFormat(path / "FORMAT"));
  // Opening refuses a backup.
  if (format && format->state != storage::StoreFormat::State::kCreating) return {};
  return MakeError(
      ErrorCode::kNotADataDirectory,
      path.string() + " holds no finished store, so there is no log to rebuild views from");
}

/// Reads the whole log without changing it. Opening the store checks less, and writes.
Status VerifyLog(const std::filesystem::path& path, const Progress& progress) {
  const storage::DataDirectory directory = TRY(storage::DataDirectory::Open(path));
  const std::unique_ptr<const LogReader> log = TRY(storage::StoredLog::Open(directory.log_path()));
  const std::uint64_t groups = log->Tip().group.value();
  return log->Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash&) -> Status {
    const std::uint64_t done = group.number.value();
    if (done % kGroupsPerProgress == 0) progress(done, 2 * groups);
    return {};
  });
}

/// Projects groups into the views, which it now and then brings to disk.
class Writer {
 public:
  Writer(ViewStore& views, Projection projection)
      : views_(views), projection_(std::move(projection)) {}

  Status Add(const CommitGroup& group, const LogTip& tip) {
    TRY(projection_.Add(group, tip));
    unwritten_ += group.events.size();
    return unwritten_ < limits::kEventsPerProjection ? Status() : Write();
  }
  Status Finish() {
    TRY(Write());
    return views_.Flush();
  }

 private:
  Status Write() {
    TRY(views_.Write(projection_.Take()));
    unflushed_ += std::exchange(unwritten_, 0);
    if (unflushed_ < limits::kEventsPerViewFlush) return {};
    unflushed_ = 0;
    return views_.Flush();
  }

  ViewStore& views_;
  Projection projection_;
  std::uint64_t unwritten_ = 0;  // events
  std::uint64_t unflushed_ = 0;  // events
};

Status CountRows(const ViewStore& views, RebuiltViews& rebuilt) {
  CampaignNumber after;
  while (true) {
    const auto rows = TRY(views.ListCampaigns(after, kRowsPerRead));
    if (rows.empty()) return {};
    after = rows.back().number;
    for (const Campaign& row : rows) {
      rebuilt.campaigns += 1;
      rebuilt.coupons += row.ordinals();
    }
  }
}

Result<RebuiltViews> RebuildViews(const std::filesystem::path& path, const Progress& progress) {
  TRY(CheckIsStore(path));
  TRY(VerifyLog(path, progress));
  SystemEntropy entropy;
  SystemClock clock;
  const auto store = TRY(storage::Store::Open(path, entropy, clock));
  const LogReader& log = store->log();
  ViewStore& views = store->views();
  const std::uint64_t groups = log.Tip().group.value();
  TRY(views.Clear());
  Projection projection = TRY(Projection::Load(views));
  Writer writer(views, std::move(projection));
  TRY(log.Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash& hash) -> Status {
    const std::uint64_t done = group.number.value();
    if (done % kGroupsPerProgress == 0) progress(groups + done, 2 * groups);
    return writer.Add(group, storage::TipOf(group, hash));
  }));
  TRY(writer.Finish());
  RebuiltViews rebuilt{.tip = log.Tip()};
  TRY(CountRows(views, rebuilt));
  return rebuilt;
}

std::string Text(const RebuiltViews& rebuilt) {
  return fmt::format(
      "rebuilt the views from {} events in {} groups: {} live campaigns, {} coupons\n",
      rebuilt.tip.sequence.value(), rebuilt.tip.group.value(), rebuilt.campaigns, rebuilt.coupons);
}

std::string Json(const RebuiltViews& rebuilt) {
  return boost::json::serialize(boost::json::object{{"groups", rebuilt.tip.group.value()},
                                                    {"events", rebuilt.tip.sequence.value()},
                                                    {"campaigns", rebuilt.campaigns},
                                                    {"coupons", rebuilt.coupons}}) +
         "\n";
}

}  // namespace

ExitCode RunRebuildViews(const Options& options, tools::Output& output) {
  Result<RebuiltViews> rebuilt;
  {
    tools::ProgressBar bar("rebuilding the views");
    rebuilt = RebuildViews(options.directory, [&bar](std::uint64_t done, std::uint64_t groups) {
      bar.Show(done, groups);
    });
  }
  if (!rebuilt) return ReportError(rebuilt.error(), options.json, output);
  output.done = "the views have been rebuilt";
  output.text << (options.json ? Json(*rebuilt) : Text(*rebuilt));
  return ExitCode::kSound;
}

}  // namespace coupond::audit
