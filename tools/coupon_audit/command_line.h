#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond::audit {

/// The campaign that a command is for: named by the id that callers use, or by its number in the
/// log, which violations name. Finds it, live or deleted, as the events of a log go by. One thread.
class CampaignSelector {
 public:
  /// Returns nullopt if the text is neither a UUID nor a number.
  [[nodiscard]] static std::optional<CampaignSelector> Parse(std::string_view text);

  /// Takes the next event of the log. Call it before Selects.
  void Observe(const Event& event);
  /// Reports whether the event is about the campaign. One that restores the store is about each
  /// campaign that is live.
  [[nodiscard]] bool Selects(const Event& event) const;
  /// Reports whether the creation of the campaign has gone by.
  [[nodiscard]] bool found() const { return found_.has_value(); }

 private:
  std::optional<CampaignId> id_;
  std::optional<CampaignNumber> number_;
  std::optional<CampaignNumber> found_;
  bool deleted_ = false;
};

/// The options of all commands together.
struct Options {
  std::string command;
  std::string directory;
  bool json = false;

  // replay: up to the end of the log if both are absent
  std::optional<Sequence> until_sequence;
  std::optional<Timestamp> until_time;

  // log
  std::uint64_t from = 1;
  std::uint64_t to = std::numeric_limits<std::uint64_t>::max();

  // log and export
  std::optional<CampaignSelector> campaign;

  // export
  bool csv = true;
  bool byte_order_mark = false;
  bool formula_guard = true;

  // repair
  bool accept_loss = false;

  // accept-clock
  bool yes = false;

  // upgrade and restore
  std::string new_directory;
};

/// Declares the commands and their options, which are read into `options`; it must outlive `app`.
void AddOptions(CLI::App& app, Options& options);

/// Reads the command line. The error is the exit status, once help or a usage error has been
/// printed.
[[nodiscard]] std::expected<Options, int> ParseOptions(int argc, const char* const* argv);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_
