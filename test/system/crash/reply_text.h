#ifndef COUPOND_TEST_SYSTEM_CRASH_REPLY_TEXT_H_
#define COUPOND_TEST_SYSTEM_CRASH_REPLY_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "engine/sequencer/reply.h"

/// A reply as a line of text, which a process tells before it is killed.
namespace coupond::test {

[[nodiscard]] std::string FormatReply(const TicketedReply& ticketed);
/// Nothing: the line is something else.
[[nodiscard]] std::optional<TicketedReply> ParseReply(std::string_view line);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_REPLY_TEXT_H_
