#include "storage/repair/store_restore.h"

#include <memory>
#include <string>
#include <utility>

#include "storage/files/data_directory.h"
#include "storage/files/rocksdb_options.h"
#include "storage/format/commit_record.h"
#include "storage/repair/source_store.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

Result<SourceStore> OpenSource(const std::filesystem::path& path) {
  DataDirectory directory = TRY(DataDirectory::OpenFinished(path));
  return SourceStore::Open(std::move(directory), RecordFormat::k2, kViewsVersion);
}

/// The hash vouches for the payload: it is that of the original. The size and the holders, which it
/// does not cover, were written from the group as it was read, and are compared when it is read
/// back.
Status CheckIsSame(GroupNumber group, const GroupHash& written, const GroupHash& read) {
  if (written == read) return {};
  return MakeError(ErrorCode::kLogUndecodable,
                   "group " + std::to_string(group.value()) +
                       " was written by a program that writes differently; restore with that one");
}

}  // namespace

Result<RestoredStore> RestoreStore(const std::filesystem::path& from,
                                   const std::filesystem::path& to, Entropy& entropy,
                                   const Clock& clock, const MakeProgress& progress,
                                   rocksdb::Env* env) {
  TRY(CheckRocksDbVersion());
  const SourceStore source = TRY(OpenSource(from));
  const std::unique_ptr<NewStore> made = TRY(NewStore::Begin(to, source, progress, env));
  RestoredHistory history;
  const auto take = [&](const CommitGroup& group, const GroupHash& hash) -> Status {
    TRY(made->Add(group));
    history.Add(group);
    return CheckIsSame(group.number, made->tip().hash, hash);
  };
  TRY(source.Read(take));
  const LogTip end = made->tip();
  const CommitGroup continued = TRY(history.Continue(end, entropy, clock));
  TRY(made->Add(continued));
  TRY(made->EndLog());
  const auto read_again = [&](const NewStore::Visit& visit) -> Status {
    TRY(source.Read([&](const CommitGroup& group, const GroupHash&) { return visit(group); }));
    return visit(continued);
  };
  TRY(made->Check(read_again));
  TRY(made->Finish(source.id()));
  return RestoredStore{.store_id = source.id(),
                       .source = end,
                       .tip = made->tip(),
                       .coupons = history.coupons(),
                       .serials = history.SerialsIn(continued),
                       .left_out_bytes = source.left_out_bytes()};
}

}  // namespace coupond::storage
