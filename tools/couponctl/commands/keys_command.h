#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_KEYS_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_KEYS_COMMAND_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "access/key.h"
#include "base/entropy.h"
#include "couponctl/commands/outcome.h"
#include "engine/rules/timestamp.h"

/// The access keys of a server: `keys new`, `keys list`, `keys revoke`. They work on the server's
/// keys file, on its machine, and need no server. And the key that couponctl itself sends.
namespace coupond::ctl {

enum class KeysAction : std::uint8_t { kNew, kList, kRevoke };

struct KeysPlan {
  KeysAction action = KeysAction::kList;
  std::string file;
  /// For kNew: all but the id, the secret and the times.
  access::Key key = {};
  std::optional<std::chrono::nanoseconds> expires_in = {};
  std::string id = {};  ///< for kRevoke
};

/// What the commands are given.
struct KeysContext {
  bool json = false;
  std::ostream& out;
  std::ostream& err;
  std::optional<std::size_t> columns = std::nullopt;  ///< as CommandContext has it
  std::string* done = nullptr;                        ///< as CommandContext has it
  Timestamp now;
  Entropy& entropy;
};

/// Runs the command. `keys new` prints the key, which is nowhere else: the file has a digest of it.
[[nodiscard]] ExitCode RunKeysCommand(const KeysContext& context, const KeysPlan& plan);

/// Returns the key that is to be sent: that of the file, or else `environment`, which is
/// COUPOND_KEY; empty if there is none. A file has the key on its first line. The error says what
/// is wrong, without the key.
[[nodiscard]] std::expected<std::string, std::string> KeyToSend(
    const std::string& key_file, const std::optional<std::string>& environment);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_KEYS_COMMAND_H_
