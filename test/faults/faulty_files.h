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

/// What is done to files, as far as it can be made to go wrong.
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

/// Something that goes wrong.
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
  /// Nothing: any of those that change something.
  std::optional<FileOperation> operation = std::nullopt;
  /// Only files whose path contains this.
  std::string path_part = {};
  /// Counted from now, over those that fit.
  std::uint64_t nth = 1;
  /// The nth only, or it and all after it.
  bool once = false;
  /// Which bit of what is read, modulo its length.
  std::uint64_t bit = 0;
};

/// The files below one directory as RocksDB and the store use them, except that they can fail, lie,
/// wait or lose their power. Counts what is done. Nothing is really synced: what a power failure
/// would leave is known from a model of the disk. Any thread.
class FaultyFiles {
 public:
  /// What lies below `root` now is safe from power failures.
  explicit FaultyFiles(const std::filesystem::path& root);

  /// Pass it on to RocksDB; must not outlive this.
  [[nodiscard]] rocksdb::Env* env() { return env_.get(); }

  /// Replaces an earlier fault.
  void Inject(Fault fault);
  /// Nothing goes wrong from now on, except that lost power stays lost.
  void Heal();
  /// From now on nothing that is done has any effect, as if the process were no more.
  void LosePower();
  /// How often the fault has happened.
  [[nodiscard]] std::uint64_t faults() const;
  /// An operation that was tried, and on which file.
  struct Done {
    FileOperation operation;
    std::string path;
  };
  /// The one that the fault happened to first.
  [[nodiscard]] std::optional<Done> first_fault() const;

  /// Syncs of files whose path contains this wait, until Release.
  void HoldSyncs(const std::string& path_part);
  /// Waits until one does.
  void AwaitHeldSync();
  void ReleaseSyncs();

  /// Of files whose path contains this: "…/log/000004.log" has ".log".
  [[nodiscard]] std::uint64_t Count(FileOperation operation, std::string_view path_part = {}) const;
  /// The same, since the first fault happened.
  [[nodiscard]] std::uint64_t CountSinceFault(FileOperation operation,
                                              std::string_view path_part = {}) const;

  /// Makes in `into` what the disk could hold if the power had gone now, or when it went.
  void WriteSurvivors(const std::filesystem::path& into, Survivors survivors,
                      std::uint32_t seed) const;

 private:
  friend class FaultyFileSystem;
  friend class FaultyWritableFile;
  friend class FaultyReadableFile;
  friend class FaultyDirectory;
  friend class FaultySequentialFile;

  /// What is to become of an operation: it happens or not, wholly or half, and what is said of it.
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
  std::uint64_t fitting_ = 0;  ///< operations that fit fault_, since it was injected
  std::uint64_t faults_ = 0;
  bool power_lost_ = false;
  std::vector<Done> done_;
  std::size_t done_before_fault_ = 0;
  std::optional<std::string> held_;
  std::size_t waiting_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_FAULTY_FILES_H_
