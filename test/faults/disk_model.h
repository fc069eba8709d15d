#ifndef COUPOND_TEST_FAULTS_DISK_MODEL_H_
#define COUPOND_TEST_FAULTS_DISK_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace coupond::test {

/// What a power failure leaves of the changes that were not synced.
enum class Survivors : std::uint8_t {
  kSyncedOnly,  ///< nothing: neither bytes nor names
  kEverything,  ///< all of it, as when only the process dies
  kRandomPart,  ///< of each file some of its bytes, of each directory some of its changes, in order
  kTornSectors,  ///< all names; the files have their length, but random sectors of them are zero
};

/// A model of the disk below one directory, as POSIX permits it to behave: bytes are safe after a
/// sync of the file, names after a sync of their directory. Knows at each moment what a power
/// failure could leave.
///
/// It learns of everything that is done to the directory, and does nothing to it. One thread at a
/// time. Names are absolute. Files that it has not learned of (such as a lock's) do not exist for
/// it.
class DiskModel {
 public:
  /// Starts with the directory as it is, all of it safe.
  explicit DiskModel(std::filesystem::path root);

  /// Creates the file, or empties an existing one.
  void Create(const std::string& file);
  void Append(const std::string& file, std::string_view bytes);
  void Sync(const std::string& file);
  void MakeDirectory(const std::string& directory);
  void SyncDirectory(const std::string& directory);
  void Rename(const std::string& from, const std::string& to);
  void Remove(const std::string& name);

  /// Creates in `into`, which is empty or missing, what the disk could hold after a power failure
  /// now.
  void Write(const std::filesystem::path& into, Survivors survivors, std::uint32_t seed) const;

 private:
  /// A file or a directory, whatever its names. Files only grow, or are emptied.
  struct Node {
    bool is_directory = false;
    std::string bytes;
    std::string synced_bytes;

    using Entries = std::map<std::string, std::shared_ptr<Node>>;
    /// Takes effect as a whole. Null: the name is removed.
    using Change = std::vector<std::pair<std::string, std::shared_ptr<Node>>>;
    Entries entries;
    Entries synced_entries;
    std::vector<Change> unsynced_changes;

    void Apply(const Change& change);
  };

  /// Returns nullptr if there is none.
  [[nodiscard]] std::shared_ptr<Node> Find(const std::filesystem::path& name) const;
  [[nodiscard]] Node& DirectoryOf(const std::filesystem::path& name) const;
  [[nodiscard]] static std::shared_ptr<Node> Load(const std::filesystem::path& name);
  static void WriteNode(const Node& node, const std::filesystem::path& into, Survivors survivors,
                        std::mt19937& random);
  [[nodiscard]] static std::string SurvivingBytes(const Node& file, Survivors survivors,
                                                  std::mt19937& random);
  [[nodiscard]] static Node::Entries SurvivingEntries(const Node& directory, Survivors survivors,
                                                      std::mt19937& random);

  std::filesystem::path root_path_;
  std::shared_ptr<Node> root_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_DISK_MODEL_H_
