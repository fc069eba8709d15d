#include "storage/files/file_guard.h"

#include <algorithm>
#include <new>
#include <system_error>

#include "base/check.h"
#include "base/thread.h"
#include "storage/files/data_directory.h"

namespace coupond::storage {
namespace {

/// RocksDB's.
constexpr const char* kTableExtension = ".sst";

}  // namespace

FileGuard::FileGuard(const std::filesystem::path& data_directory)
    : data_directory_(data_directory.lexically_normal()),
      log_prefix_((data_directory_ / "log" / "").lexically_normal().string()),
      views_prefix_((data_directory_ / "views" / "").lexically_normal().string()) {}

FileGuard::~FileGuard() { Stop(); }

void FileGuard::Start(OnLoss on_loss, OnLoss on_views_lost) {
  COUPOND_CHECK(!thread_.joinable());
  on_loss_ = std::move(on_loss);
  on_views_lost_ = std::move(on_views_lost);
  started_.store(true, std::memory_order_release);
  thread_ = std::thread([this] {
    NameThisThread("file-guard");
    Run();
  });
}

void FileGuard::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FileGuard::Run() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    bool is_sealed = false;
    try {
      is_sealed = Look();
    } catch (const std::bad_alloc&) {
      is_sealed = false;  // When memory is short, the next look finds what this one could not.
    }
    if (is_sealed) return;
    lock.lock();
  }
}

bool FileGuard::Look() {
  if (sealed()) return true;
  const std::lock_guard one_at_a_time(look_mutex_);
  Act(Check(Next(kLooksMax, look_from_)));
  return sealed();
}

bool FileGuard::Report(FileLoss loss) {
  const std::filesystem::path path = loss.path;
  Act({std::move(loss)});
  return Refuses(path);
}

std::vector<FileLoss> FileGuard::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

std::vector<FileLoss> FileGuard::FindAll() const {
  std::filesystem::path from;
  return Check(Next(static_cast<std::size_t>(-1), from));
}

FileGuard::Snapshot FileGuard::Next(std::size_t closed_max, std::filesystem::path& from) const {
  Snapshot next;
  const std::lock_guard lock(mutex_);
  // Directories come first: if one is lost, Check skips the files in it.
  for (const auto& entry : files_) {
    if (entry.second.file->is_directory()) next.push_back(entry);
  }
  std::size_t closed = 0;
  auto place = files_.lower_bound(from);
  for (std::size_t i = 0; i < files_.size(); ++i, ++place) {
    if (place == files_.end()) place = files_.begin();
    if (place->second.file->is_directory()) continue;
    if (!place->second.file->growing()) {
      if (closed == closed_max) continue;
      // If this is the last one, the next look begins here.
      ++closed;
      from = place->first;
    }
    next.push_back(*place);
  }
  return next;
}

std::vector<FileLoss> FileGuard::Check(const Snapshot& snapshot) const {
  std::vector<FileLoss> losses;
  for (const auto& [path, entry] : snapshot) {
    // The loss of a directory covers the files in it.
    const bool told = std::ranges::any_of(losses, [&path](const FileLoss& loss) {
      return path.string().starts_with((loss.path / "").string());
    });
    if (told) continue;
    std::optional<std::string> problem = entry.file->Problem(path);
    if (!problem) continue;
    // The store itself may have changed the file meanwhile.
    const std::lock_guard lock(mutex_);
    const auto now = files_.find(path);
    if (now == files_.end() || now->second.number != entry.number) continue;
    losses.push_back({.path = path, .what = std::move(*problem)});
  }
  return losses;
}

void FileGuard::Act(std::vector<FileLoss> losses) {
  if (losses.empty() || !started_.load(std::memory_order_acquire)) return;
  std::vector<FileLoss> views;
  std::erase_if(losses, [&](const FileLoss& loss) {
    if (!IsOfViews(loss.path)) return false;
    views.push_back(loss);
    return true;
  });
  bool tell = false;
  bool tell_of_views = false;
  {
    const std::lock_guard lock(mutex_);
    tell_of_views = !views.empty() && !views_lost_;
    views_lost_ |= tell_of_views;
    tell = !losses.empty() && losses_.empty();
    if (tell) {
      losses_ = losses;
      // Under the lock: a thread that reports the same loss later must find the guard sealed.
      sealed_.store(true, std::memory_order_release);
    }
  }
  if (tell) on_loss_(losses);
  if (tell_of_views) on_views_lost_(views);
}

bool FileGuard::IsOfViews(const std::filesystem::path& path) const {
  return path.native().starts_with(views_prefix_);
}

bool FileGuard::IsOfLog(const std::filesystem::path& path) const {
  return path.native().starts_with(log_prefix_);
}

bool FileGuard::MayHoldOpen(const std::filesystem::path& path) const {
  if (!IsOfLog(path)) return false;
  const auto held = std::ranges::count_if(
      files_, [](const auto& entry) { return entry.second.file->descriptor() >= 0; });
  return static_cast<std::size_t>(held) < kHeldOpenMax;
}

void FileGuard::Adopt(const std::filesystem::path& path) {
  const std::filesystem::path normal = path.lexically_normal();
  const std::lock_guard lock(mutex_);
  // A directory that is held open can be found where it was moved to.
  AdoptLocked(normal, GuardedFile::Find(normal, normal == data_directory_ || MayHoldOpen(normal)));
}

void FileGuard::Adopt(const std::filesystem::path& path, int descriptor) {
  const std::lock_guard lock(mutex_);
  AdoptLocked(path.lexically_normal(), GuardedFile::Of(descriptor));
}

void FileGuard::AdoptLocked(const std::filesystem::path& path, std::shared_ptr<GuardedFile> file) {
  if (file == nullptr || changing_.contains(path)) return;
  files_.try_emplace(path, Entry{std::move(file), next_number_++});
}

void FileGuard::AdoptDatabase(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::filesystem::path name = entry->path().filename();
    // RocksDB's own LOCK is redundant, because the store has one; README is only for people.
    if (name == "LOCK" || name == kLogReadmeName) continue;
    Adopt(directory / name);
  }
}

std::shared_ptr<const GuardedFile> FileGuard::At(const std::filesystem::path& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path.lexically_normal());
  return found == files_.end() ? nullptr : found->second.file;
}

bool FileGuard::IsKnownAs(const std::filesystem::path& path, const GuardedFile& file) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path);
  return found != files_.end() && found->second.file.get() == &file;
}

std::shared_ptr<GuardedFile> FileGuard::FindNew(const std::filesystem::path& path) const {
  const std::filesystem::path normal = path.lexically_normal();
  bool keep_open = false;
  {
    const std::lock_guard lock(mutex_);
    keep_open = MayHoldOpen(normal) || (IsOfLog(normal) && normal.extension() != kTableExtension);
  }
  std::shared_ptr<GuardedFile> file = GuardedFile::Find(normal, keep_open);
  if (file) file->Grows();
  return file;
}

void FileGuard::AwaitChanges() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return changing_.empty(); });
}

FileGuard::Change::Change(FileGuard& guard, std::initializer_list<std::string_view> names)
    : guard_(guard) {
  for (const std::string_view name : names) {
    names_.push_back(std::filesystem::path(name).lexically_normal());
  }
  const std::lock_guard lock(guard_.mutex_);
  for (const std::filesystem::path& name : names_) refused_ |= guard_.Refuses(name);
  if (refused_) return;
  for (const std::filesystem::path& name : names_) {
    guard_.changing_.insert(name);
    const auto known = guard_.files_.find(name);
    if (known == guard_.files_.end()) continue;
    if (name == names_.front()) first_ = known->second.file;
    guard_.files_.erase(known);
  }
}

FileGuard::Change::~Change() {
  if (refused_) return;
  {
    const std::lock_guard lock(guard_.mutex_);
    for (const std::filesystem::path& name : names_) {
      guard_.changing_.erase(guard_.changing_.find(name));
    }
  }
  guard_.changed_.notify_all();
}

void FileGuard::Change::Keep(std::string_view name, std::shared_ptr<GuardedFile> file) {
  COUPOND_CHECK(file != nullptr);
  const std::lock_guard lock(guard_.mutex_);
  guard_.files_.insert_or_assign(std::filesystem::path(name).lexically_normal(),
                                 Entry{std::move(file), guard_.next_number_++});
}

std::string Describe(const std::vector<FileLoss>& losses) {
  if (losses.empty()) return "nothing";
  std::string text = losses.front().path.string() + " " + losses.front().what;
  if (losses.size() == 2) text += ", and one more file was changed";
  if (losses.size() > 2) {
    text += ", and " + std::to_string(losses.size() - 1) + " more files were changed";
  }
  return text;
}

}  // namespace coupond::storage
