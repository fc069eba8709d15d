#ifndef COUPOND_TEST_SYSTEM_CRASH_REPLY_TEXT_H_
#define COUPOND_TEST_SYSTEM_CRASH_REPLY_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "engine/sequencer/reply.h"

/// Replies as lines of text, which a process writes before it is killed.
namespace coupond::test {

[[nodiscard]] std::string FormatReply(const TicketedReply& ticketed);
/// Returns nullopt if the line is not a reply.
[[nodiscard]] std::optional<TicketedReply> ParseReply(std::string_view line);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_REPLY_TEXT_H_
