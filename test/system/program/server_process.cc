#include "system/program/server_process.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace coupond::test {
namespace {

/// Generous, because the machine may be busy with other things.
constexpr std::chrono::seconds kPatience{60};
constexpr std::string_view kReadyText = "ready on ";
constexpr std::string_view kSchemeEnd = "://";

}  // namespace

Ran RunServerProgram(const std::vector<std::string>& flags) {
  std::vector<std::string> command{COUPOND_PATH};
  command.insert(command.end(), flags.begin(), flags.end());
  Process process(command);
  const auto status = process.WaitForExit(kPatience);
  if (!status) throw std::runtime_error("coupond does not end:\n" + process.output());
  return {*status, process.output()};
}

ServerProcess::ServerProcess(std::vector<std::string> more_flags)
    : data_directory_(directory_.path() / "data"), more_flags_(std::move(more_flags)) {
  Start();
}

ServerProcess::ServerProcess(std::filesystem::path data_directory,
                             std::vector<std::string> more_flags)
    : data_directory_(std::move(data_directory)), more_flags_(std::move(more_flags)) {
  Start();
}

void ServerProcess::Start(std::uint16_t port) {
  std::vector<std::string> command{COUPOND_PATH, "--listen", "127.0.0.1:" + std::to_string(port),
                                   "--data-dir", data_directory_.string()};
  command.insert(command.end(), more_flags_.begin(), more_flags_.end());
  std::optional<std::string> line;
  // Another program may have taken a certain port for a while.
  const auto end = std::chrono::steady_clock::now() + kPatience;
  do {
    process_.emplace(command);
    line = process_->WaitForLine(kReadyText, kPatience);
  } while (!line && port != 0 && process_->output().find("in use") != std::string::npos &&
           std::chrono::steady_clock::now() < end);
  if (!line) throw std::runtime_error("coupond does not become ready:\n" + process_->output());
  const std::size_t scheme_end = line->find(kSchemeEnd);
  if (scheme_end == std::string::npos) return;  // a socket, which has no port
  const std::string address = line->substr(scheme_end + kSchemeEnd.size());
  const std::string authority = address.substr(0, address.find(' '));
  port_ = static_cast<std::uint16_t>(std::stoul(authority.substr(authority.rfind(':') + 1)));
}

void ServerProcess::Kill() {
  process_->Signal(SIGKILL);
  if (!process_->WaitForExit(kPatience)) throw std::runtime_error("coupond survives SIGKILL");
}

std::optional<int> ServerProcess::Stop(std::chrono::milliseconds patience) {
  process_->Signal(SIGTERM);
  return process_->WaitForExit(patience);
}

bool ServerProcess::WaitForLog(std::string_view text, int times) const {
  return process_->WaitForText(text, times, kPatience);
}

std::size_t ServerProcess::ResidentBytes() const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::size_t kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1'024;
  }
  throw std::runtime_error("the server's memory cannot be read");
}

std::size_t ServerProcess::OpenSockets() const {
  std::size_t sockets = 0;
  for (const auto& file :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid()) + "/fd")) {
    std::error_code gone;  // closed meanwhile
    if (read_symlink(file.path(), gone).string().starts_with("socket:")) ++sockets;
  }
  return sockets;
}

}  // namespace coupond::test
