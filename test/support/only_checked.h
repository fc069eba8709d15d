#ifndef COUPOND_TEST_SUPPORT_ONLY_CHECKED_H_
#define COUPOND_TEST_SUPPORT_ONLY_CHECKED_H_

#include <variant>

#include "engine/rules/command.h"

namespace coupond::test {

/// Reports whether the command asks for the decision alone, so that it leads to no event.
[[nodiscard]] inline bool IsOnlyChecked(const Command& command) {
  return std::visit(
      [](const auto& kind) {
        if constexpr (requires { kind.validate_only; }) return kind.validate_only;
        return false;
      },
      command);
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_ONLY_CHECKED_H_
