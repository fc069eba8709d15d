#include "faults/faulty_files.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "faults/faulty_file_system.h"

namespace coupond::test {
namespace {

using rocksdb::IOStatus;

bool Changes(FileOperation operation) {
  return operation != FileOperation::kOpenForReading && operation != FileOperation::kRead;
}

}  // namespace

std::string_view NameOf(FileOperation operation) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(FileOperation::kCount)> kNames{
      "open for writing", "append",           "sync", "make directory", "sync directory", "rename",
      "remove",           "open for reading", "read"};
  return kNames.at(static_cast<std::size_t>(operation));
}

FaultyFiles::FaultyFiles(const std::filesystem::path& root)
    : files_(MakeFaultyFileSystem(*this)), env_(rocksdb::NewCompositeEnv(files_)), disk_(root) {}

void FaultyFiles::Inject(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
  fitting_ = 0;
}

void FaultyFiles::Heal() {
  const std::lock_guard lock(mutex_);
  fault_.reset();
}

void FaultyFiles::LosePower() {
  const std::lock_guard lock(mutex_);
  power_lost_ = true;
}

std::uint64_t FaultyFiles::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

std::optional<FaultyFiles::Done> FaultyFiles::first_fault() const {
  const std::lock_guard lock(mutex_);
  if (faults_ == 0) return std::nullopt;
  return done_[done_before_fault_ - 1];
}

void FaultyFiles::HoldSyncs(const std::string& path_part) {
  const std::lock_guard lock(mutex_);
  held_ = path_part;
}

void FaultyFiles::AwaitHeldSync() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_ > 0; });
}

void FaultyFiles::ReleaseSyncs() {
  {
    const std::lock_guard lock(mutex_);
    held_.reset();
  }
  changed_.notify_all();
}

std::uint64_t FaultyFiles::Count(FileOperation operation, std::string_view path_part) const {
  const std::lock_guard lock(mutex_);
  return CountFrom(0, operation, path_part);
}

std::uint64_t FaultyFiles::CountSinceFault(FileOperation operation,
                                           std::string_view path_part) const {
  const std::lock_guard lock(mutex_);
  return faults_ == 0 ? 0 : CountFrom(done_before_fault_, operation, path_part);
}

void FaultyFiles::WriteSurvivors(const std::filesystem::path& into, Survivors survivors,
                                 std::uint32_t seed) const {
  const std::lock_guard lock(mutex_);
  disk_.Write(into, survivors, seed);
}

bool FaultyFiles::Fits(FileOperation operation, const std::string& path) const {
  return (fault_->operation ? operation == *fault_->operation : Changes(operation)) &&
         path.find(fault_->path_part) != std::string::npos;
}

FaultyFiles::Verdict FaultyFiles::Judge(FileOperation operation, const std::string& path) {
  const auto no = [](IOStatus status) {
    return Verdict{.happens = false, .status = std::move(status)};
  };
  if (power_lost_) return no(IOStatus::IOError("the power is off"));
  done_.push_back({operation, path});
  if (!fault_ || !Fits(operation, path)) return {};
  ++fitting_;
  if (fault_->once ? fitting_ != fault_->nth : fitting_ < fault_->nth) return {};
  if (faults_++ == 0) done_before_fault_ = done_.size();
  switch (fault_->effect) {
    case Fault::Effect::kIoError:
      return no(IOStatus::IOError("injected", "Input/output error"));
    case Fault::Effect::kNoSpace:
      return no(IOStatus::NoSpace("injected", "No space left on device"));
    case Fault::Effect::kShortWrite:
      return {.happens = true,
              .half = true,
              .status = IOStatus::NoSpace("injected", "No space left on device")};
    case Fault::Effect::kUnsureWrite:
      return {.happens = true, .status = IOStatus::IOError("injected", "Input/output error")};
    case Fault::Effect::kPowerLoss:
      power_lost_ = true;
      return no(IOStatus::IOError("the power is off"));
    case Fault::Effect::kFlippedBit:
      return {.flip_bit = true, .status = IOStatus::OK()};
  }
  return {};
}

SweepSteps SweepSteps::Choose() {
  if (std::getenv("COUPOND_TEST_FULL") != nullptr) return {};
  SweepSteps steps{.second = 2, .step = 5};
  if (const char* second = std::getenv("COUPOND_TEST_SECOND")) {
    steps.second = std::strtoull(second, nullptr, 10);
  } else {
    steps.second += std::random_device()() % steps.step;
  }
  std::printf("COUPOND_TEST_SECOND=%llu\n", static_cast<unsigned long long>(steps.second));
  return steps;
}

std::uint64_t FaultyFiles::CountFrom(std::size_t first, FileOperation operation,
                                     std::string_view path_part) const {
  return static_cast<std::uint64_t>(std::count_if(
      done_.begin() + static_cast<std::ptrdiff_t>(first), done_.end(), [&](const Done& done) {
        return done.operation == operation && done.path.find(path_part) != std::string::npos;
      }));
}

}  // namespace coupond::test
