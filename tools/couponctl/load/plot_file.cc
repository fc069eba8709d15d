#include "couponctl/load/plot_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace coupond::ctl {
namespace {

std::unexpected<std::string> CannotWrite(const std::string& path) {
  return std::unexpected(
      fmt::format("cannot write the plot to {}: {}", path, std::generic_category().message(errno)));
}

}  // namespace

std::expected<PlotFile, std::string> PlotFile::Open(const std::string& path) {
  constexpr mode_t kMode = 0666;
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  const bool is_new = file.valid();
  if (!is_new) file = FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kMode));
  if (!file.valid()) return CannotWrite(path);
  return PlotFile(path, std::move(file), is_new);
}

PlotFile::~PlotFile() {
  if (file_.valid() && remove_) unlink(path_.c_str());
}

std::expected<void, std::string> PlotFile::Write(std::string_view text) {
  remove_ = false;
  // Devices and pipes cannot be cut.
  if (ftruncate(file_.number(), 0) != 0 && errno != EINVAL) return CannotWrite(path_);
  while (!text.empty()) {
    const ssize_t count = write(file_.number(), text.data(), text.size());
    if (count < 0) return CannotWrite(path_);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace coupond::ctl
