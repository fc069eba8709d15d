#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/repair/log_repair_fixture.h"

// In which order a repair makes its steps durable: what the file system is asked for, of this whole
// program. It is a program of its own because it stands in for functions of the C library.
namespace coupond::storage {
namespace {

/// What was asked for, in order: "sync PATH", "move FROM to TO", "exchange ONE with OTHER".
class Requests {
 public:
  void Add(std::string request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }
  [[nodiscard]] std::vector<std::string> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(requests_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> requests_;
};

Requests& AllRequests() {
  static Requests requests;
  return requests;
}

/// Returns the function of the C library that this program stands in for.
template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace coupond::storage

extern "C" {

int fsync(int file) {
  std::error_code error;
  const auto path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), error).string();
  static auto* const real = coupond::storage::Real<int(int)>("fsync");
  const int result = real(file);
  coupond::storage::AllRequests().Add("sync " + path);
  return result;
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = coupond::storage::Real<int(const char*, const char*)>("rename");
  coupond::storage::AllRequests().Add("move " + std::string(from) + " to " + to);
  return real(from, to);
}

int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned flags) noexcept {
  using Function = int(int, const char*, int, const char*, unsigned);
  static auto* const real = coupond::storage::Real<Function>("renameat2");
  coupond::storage::AllRequests().Add("exchange " + std::string(from) + " with " + to);
  return real(from_directory, from, to_directory, to, flags);
}

}  // extern "C"

namespace coupond::storage {
namespace {

class RepairSyncsTest : public LogRepairTest {
 protected:
  /// Repairs a damaged store.
  void RepairAndRecord() {
    constexpr std::uint64_t kGroups = 12;
    CreateKnownStore(kGroups, kGroups);
    ChangeWal([&](auto& wal) { wal[PlaceOf(kGroups)] ^= 1; });
    static_cast<void>(AllRequests().Take());
    ASSERT_EQ(Repair(), "ok with " + std::to_string(kGroups - 1) + " groups");
    requests_ = AllRequests().Take();
  }
  /// Returns the place of the request, the first one from `begin` on.
  [[nodiscard]] std::size_t Find(const std::string& request, std::size_t begin = 0) const {
    const auto found =
        std::find(requests_.begin() + static_cast<std::ptrdiff_t>(begin), requests_.end(), request);
    EXPECT_NE(found, requests_.end()) << request;
    return static_cast<std::size_t>(found - requests_.begin());
  }
  [[nodiscard]] std::string Sync(const std::filesystem::path& path) const {
    return "sync " + std::filesystem::canonical(path).string();
  }
  [[nodiscard]] std::string watermark() const { return (path() / "WATERMARK").string(); }

  std::vector<std::string> requests_;
};

/// Otherwise a power failure could leave the new log under the old WATERMARK, which says of its
/// last group, the one that continues the store, that another one was acknowledged in its place.
TEST_F(RepairSyncsTest, TheOldWatermarkGoesBeforeTheNewLogComes) {
  RepairAndRecord();
  const std::size_t away = Find("move " + watermark() + " to " + (removed_ / "WATERMARK").string());
  const std::size_t exchange =
      Find("exchange " + (removed_ / "log").string() + " with " + (path() / "log").string());
  EXPECT_LT(Find(Sync(path()), away), exchange);
  EXPECT_LT(Find(Sync(removed_), away), exchange) << "the old one must not be lost either";
}

TEST_F(RepairSyncsTest, TheNewLogComesBeforeTheNewWatermark) {
  RepairAndRecord();
  const std::size_t exchange =
      Find("exchange " + (removed_ / "log").string() + " with " + (path() / "log").string());
  const std::size_t marked = Find("move " + watermark() + ".new to " + watermark());
  EXPECT_LT(Find(Sync(path()), exchange), marked);
  EXPECT_LT(Find(Sync(removed_), exchange), marked);
  EXPECT_LT(marked, Find(Sync(path()), marked));
}

/// The copy itself is made durable before anything of the store is touched.
TEST_F(RepairSyncsTest, TheCopyIsDurableBeforeTheOldWatermarkGoes) {
  RepairAndRecord();
  const std::size_t away = Find("move " + watermark() + " to " + (removed_ / "WATERMARK").string());
  const std::string unfinished = (path() / "repair-scratch").string();
  const auto moved = std::ranges::find_if(requests_, [&](const std::string& request) {
    return request.starts_with("move " + unfinished) &&
           request.ends_with(" to " + removed_.string());
  });
  ASSERT_NE(moved, requests_.end());
  const auto place = static_cast<std::size_t>(moved - requests_.begin());
  EXPECT_LT(Find(Sync(path()), place), away);
  EXPECT_TRUE(std::any_of(requests_.begin(), moved, [&](const std::string& request) {
    return request.starts_with("sync " + std::filesystem::canonical(path()).string() +
                               "/repair-scratch/") &&
           request.ends_with("/log");
  }));
}

}  // namespace
}  // namespace coupond::storage
