#include "storage/upgrade/store_upgrade.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "storage/files/data_directory.h"
#include "storage/files/rocksdb_options.h"
#include "storage/format/commit_record.h"
#include "storage/repair/source_store.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

Result<SourceStore> OpenOld(const std::filesystem::path& path) {
  DataDirectory directory = TRY(DataDirectory::OpenOlder(path));
  return SourceStore::Open(std::move(directory), RecordFormat::k1, kViewsVersionOfFormat1);
}

/// Visits the groups as this version would have written them, from the first to the last.
Status ReadAsNew(const SourceStore& old, const NewStore::Visit& visit) {
  return old.Read([&](const CommitGroup& group, const GroupHash&) -> Status {
    if (group.number > GroupNumber(1)) return visit(group);
    CommitGroup first = group;
    std::get<StoreCreated>(first.events.front()).format_version = kFormatVersion;
    return visit(first);
  });
}

}  // namespace

Result<UpgradedStore> UpgradeStore(const std::filesystem::path& from,
                                   const std::filesystem::path& to, const MakeProgress& progress,
                                   rocksdb::Env* env) {
  TRY(CheckRocksDbVersion());
  const SourceStore old = TRY(OpenOld(from));
  const std::unique_ptr<NewStore> made = TRY(NewStore::Begin(to, old, progress, env));
  std::uint64_t coupons = 0;
  TRY(ReadAsNew(old, [&](const CommitGroup& group) -> Status {
    coupons += static_cast<std::uint64_t>(std::ranges::count_if(
        group.events, [](const Event& event) { return std::get_if<CouponIssued>(&event); }));
    return made->Add(group);
  }));
  TRY(made->EndLog());
  TRY(made->Check([&](const NewStore::Visit& visit) { return ReadAsNew(old, visit); }));
  TRY(made->Finish(old.id()));
  return UpgradedStore{.store_id = old.id(),
                       .tip = made->tip(),
                       .coupons = coupons,
                       .left_out_bytes = old.left_out_bytes()};
}

}  // namespace coupond::storage
