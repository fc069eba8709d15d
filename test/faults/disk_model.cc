#include "faults/disk_model.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace coupond::test {
namespace {

constexpr std::size_t kSectorBytes = 512;

std::size_t UpTo(std::size_t most, std::mt19937& random) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

}  // namespace

void DiskModel::Node::Apply(const Change& change) {
  for (const auto& [name, node] : change) {
    if (node) {
      entries[name] = node;
    } else {
      entries.erase(name);
    }
  }
  unsynced_changes.push_back(change);
}

DiskModel::DiskModel(std::filesystem::path root)
    : root_path_(std::move(root)), root_(Load(root_path_)) {}

void DiskModel::Create(const std::string& file) {
  if (const std::shared_ptr<Node> there = Find(file)) {
    there->bytes.clear();
    return;
  }
  DirectoryOf(file).Apply({{std::filesystem::path(file).filename(), std::make_shared<Node>()}});
}

void DiskModel::Append(const std::string& file, std::string_view bytes) {
  // A file that was deleted while open still takes bytes, although they can never be read again.
  if (const std::shared_ptr<Node> node = Find(file)) node->bytes += bytes;
}

void DiskModel::Sync(const std::string& file) {
  if (const std::shared_ptr<Node> node = Find(file)) node->synced_bytes = node->bytes;
}

void DiskModel::MakeDirectory(const std::string& directory) {
  auto node = std::make_shared<Node>();
  node->is_directory = true;
  DirectoryOf(directory).Apply({{std::filesystem::path(directory).filename(), std::move(node)}});
}

void DiskModel::SyncDirectory(const std::string& directory) {
  const std::shared_ptr<Node> node = Find(directory);
  if (!node) return;  // removed while it was open
  node->synced_entries = node->entries;
  node->unsynced_changes.clear();
}

void DiskModel::Rename(const std::string& from, const std::string& to) {
  const std::filesystem::path source(from);
  const std::filesystem::path target(to);
  COUPOND_CHECK(source.parent_path() == target.parent_path());
  const std::shared_ptr<Node> node = Find(source);
  COUPOND_CHECK(node);
  DirectoryOf(source).Apply({{source.filename(), nullptr}, {target.filename(), node}});
}

void DiskModel::Remove(const std::string& name) {
  if (Find(name)) DirectoryOf(name).Apply({{std::filesystem::path(name).filename(), nullptr}});
}

void DiskModel::Write(const std::filesystem::path& into, Survivors survivors,
                      std::uint32_t seed) const {
  std::mt19937 random(seed);
  WriteNode(*root_, into, survivors, random);
}

std::shared_ptr<DiskModel::Node> DiskModel::Find(const std::filesystem::path& name) const {
  std::shared_ptr<Node> node = root_;
  for (const std::filesystem::path& part : name.lexically_normal().lexically_relative(root_path_)) {
    if (part.empty() || part == ".") continue;
    const auto found = node->entries.find(part);
    if (found == node->entries.end()) return nullptr;
    node = found->second;
  }
  return node;
}

DiskModel::Node& DiskModel::DirectoryOf(const std::filesystem::path& name) const {
  const std::shared_ptr<Node> node = Find(name.lexically_normal().parent_path());
  COUPOND_CHECK(node && node->is_directory);
  return *node;
}

std::shared_ptr<DiskModel::Node> DiskModel::Load(const std::filesystem::path& name) {
  auto node = std::make_shared<Node>();
  node->is_directory = std::filesystem::is_directory(name);
  if (node->is_directory) {
    for (const auto& entry : std::filesystem::directory_iterator(name)) {
      node->entries[entry.path().filename()] = Load(entry.path());
    }
    node->synced_entries = node->entries;
  } else {
    std::ifstream stream(name, std::ios::binary);
    node->bytes.assign(std::istreambuf_iterator<char>(stream), {});
    node->synced_bytes = node->bytes;
  }
  return node;
}

void DiskModel::WriteNode(const Node& node, const std::filesystem::path& into, Survivors survivors,
                          std::mt19937& random) {
  if (!node.is_directory) {
    std::ofstream(into, std::ios::binary) << SurvivingBytes(node, survivors, random);
    return;
  }
  std::filesystem::create_directories(into);
  for (const auto& [name, entry] : SurvivingEntries(node, survivors, random)) {
    WriteNode(*entry, into / name, survivors, random);
  }
}

std::string DiskModel::SurvivingBytes(const Node& file, Survivors survivors, std::mt19937& random) {
  if (survivors == Survivors::kSyncedOnly) return file.synced_bytes;
  if (survivors == Survivors::kEverything) return file.bytes;
  const bool grown = file.bytes.starts_with(file.synced_bytes);
  // A file that was emptied and rewritten may still have its old bytes.
  if (!grown && UpTo(1, random) == 0) return file.synced_bytes;
  const std::size_t safe = grown ? file.synced_bytes.size() : 0;
  std::string bytes = file.bytes;
  if (survivors == Survivors::kRandomPart) {
    bytes.resize(safe + UpTo(bytes.size() - safe, random));
    return bytes;
  }
  for (std::size_t at = safe; at < bytes.size();) {
    const std::size_t end = std::min(bytes.size(), (at / kSectorBytes + 1) * kSectorBytes);
    if (UpTo(1, random) == 0) std::fill(bytes.begin() + at, bytes.begin() + end, '\0');
    at = end;
  }
  return bytes;
}

DiskModel::Node::Entries DiskModel::SurvivingEntries(const Node& directory, Survivors survivors,
                                                     std::mt19937& random) {
  if (survivors == Survivors::kSyncedOnly) return directory.synced_entries;
  if (survivors != Survivors::kRandomPart) return directory.entries;
  Node kept;
  kept.entries = directory.synced_entries;
  const std::size_t changes = UpTo(directory.unsynced_changes.size(), random);
  for (std::size_t i = 0; i < changes; ++i) kept.Apply(directory.unsynced_changes[i]);
  return kept.entries;
}

}  // namespace coupond::test
