#ifndef COUPOND_RPC_CONNECT_TIMEOUT_TEXT_H_
#define COUPOND_RPC_CONNECT_TIMEOUT_TEXT_H_

#include <chrono>
#include <optional>
#include <string_view>

/// How long a client says that it will wait.
namespace coupond::connect {

enum class TimeoutForm {
  kConnect,  ///< "1500": milliseconds, 1 to 10 digits, at least 1
  kGrpc,  ///< "1500m": 1 to 8 digits and a unit out of H M S m u n; a part of 1 ms counts as 1 ms
};

/// Nothing if the text is not of the form.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseTimeout(TimeoutForm form,
                                                                    std::string_view text);

/// For people: "a positive whole number of at most 10 digits".
[[nodiscard]] std::string_view Describe(TimeoutForm form);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_TIMEOUT_TEXT_H_
