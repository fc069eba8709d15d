#ifndef COUPOND_TEST_FAULTS_FAULTY_FILES_H_
#define COUPOND_TEST_FAULTS_FAULTY_FILES_H_

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/disk_model.h"

namespace coupond::test {

/// The operations on files that can be made to fail.
enum class FileOperation : std::uint8_t {
  kOpenForWriting,
  kAppend,
  kSync,
  kMakeDirectory,
  kSyncDirectory,
  kRename,
  kRemove,
  kOpenForReading,  ///< also directories, to list them
  kRead,
  kCount,
};
[[nodiscard]] std::string_view NameOf(FileOperation operation);

/// A fault to be injected.
struct Fault {
  enum class Effect : std::uint8_t {
    kIoError,      ///< EIO; nothing of the operation happened
    kNoSpace,      ///< ENOSPC; the same
    kShortWrite,   ///< appends: half of the bytes, and then ENOSPC; elsewhere as kNoSpace
    kUnsureWrite,  ///< the operation happened, and EIO is reported nevertheless
    kPowerLoss,    ///< this and everything after it fails; nothing reaches the disk any more
    kFlippedBit,   ///< reads: succeed with one bit wrong; elsewhere nothing
  };
  Effect effect = Effect::kIoError;
  /// nullopt: any of those that change something.
  std::optional<FileOperation> operation = std::nullopt;
  /// Only files whose path contains this.
  std::string path_part = {};
  /// Counts from now, over those that match.
  std::uint64_t nth = 1;
  /// Whether only the nth fails, or it and all after it.
  bool once = false;
  /// The bit to flip in what is read, modulo its length.
  std::uint64_t bit = 0;
};

/// Which of the operations a sweep makes fail, one after another: the first, then every fifth one
/// from a random one on, or all of them if COUPOND_TEST_FULL is set.
struct SweepSteps {
  std::uint64_t second = 2;
  std::uint64_t step = 1;

  [[nodiscard]] std::uint64_t After(std::uint64_t nth) const {
    return nth == 1 ? second : nth + step;
  }
  /// Prints what it has chosen. COUPOND_TEST_SECOND sets the second operation.
  [[nodiscard]] static SweepSteps Choose();
};

/// The files below one directory as RocksDB and the store use them, except that they can fail, lie,
/// wait or lose power. Counts the operations. Nothing is really synced: a model of the disk knows
/// what a power failure would leave. Any thread.
class FaultyFiles {
 public:
  /// Treats everything below `root` now as safe from power failures.
  explicit FaultyFiles(const std::filesystem::path& root);

  /// Returns the Env for RocksDB, which must not outlive this.
  [[nodiscard]] rocksdb::Env* env() { return env_.get(); }

  /// Sets the fault, instead of an earlier one.
  void Inject(Fault fault);
  /// Removes the fault, except that lost power stays lost.
  void Heal();
  /// Makes every further operation have no effect, as if the process had died.
  void LosePower();
  /// Returns how often the fault has happened.
  [[nodiscard]] std::uint64_t faults() const;
  /// An attempted operation, and its file.
  struct Done {
    FileOperation operation;
    std::string path;
  };
  /// Returns the first one that failed.
  [[nodiscard]] std::optional<Done> first_fault() const;

  /// Makes syncs of files whose path contains this wait until Release.
  void HoldSyncs(const std::string& path_part);
  /// Waits until a sync is waiting.
  void AwaitHeldSync();
  void ReleaseSyncs();

  /// Counts operations on files whose path contains this: "…/log/000004.log" has ".log".
  [[nodiscard]] std::uint64_t Count(FileOperation operation, std::string_view path_part = {}) const;
  /// Counts the same since the first fault happened.
  [[nodiscard]] std::uint64_t CountSinceFault(FileOperation operation,
                                              std::string_view path_part = {}) const;

  /// Creates in `into` what the disk could hold if the power failed now, or what it held when the
  /// power failed.
  void WriteSurvivors(const std::filesystem::path& into, Survivors survivors,
                      std::uint32_t seed) const;

 private:
  friend class FaultyFileSystem;
  friend class FaultyWritableFile;
  friend class FaultyReadableFile;
  friend class FaultyDirectory;
  friend class FaultySequentialFile;

  /// The verdict on an operation: whether it happens, wholly or half, and the status to return.
  struct Verdict {
    bool happens = true;
    bool half = false;
    bool flip_bit = false;
    rocksdb::IOStatus status;
  };
  /// The caller holds mutex_.
  [[nodiscard]] Verdict Judge(FileOperation operation, const std::string& path);
  [[nodiscard]] bool Fits(FileOperation operation, const std::string& path) const;
  [[nodiscard]] std::uint64_t CountFrom(std::size_t first, FileOperation operation,
                                        std::string_view path_part) const;

  std::shared_ptr<rocksdb::FileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_, which is held during every operation, so that the model is the disk.
  DiskModel disk_;
  std::optional<Fault> fault_;
  std::uint64_t fitting_ = 0;  ///< operations that match fault_, since it was injected
  std::uint64_t faults_ = 0;
  bool power_lost_ = false;
  std::vector<Done> done_;
  std::size_t done_before_fault_ = 0;
  std::optional<std::string> held_;
  std::size_t waiting_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_FAULTY_FILES_H_
