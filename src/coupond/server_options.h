#ifndef COUPOND_COUPOND_SERVER_OPTIONS_H_
#define COUPOND_COUPOND_SERVER_OPTIONS_H_

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coupond/http_options.h"
#include "rpc/connect/allowed_origin.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond {

/// An address and a port to listen on.
struct ListenAddress {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// Parses "127.0.0.1:8080", "[::1]:8080" or "localhost:0". Returns nullopt if the text is neither.
[[nodiscard]] std::optional<ListenAddress> ParseListenAddress(std::string_view text);
[[nodiscard]] std::string FormatListenAddress(const ListenAddress& address);

/// The options of coupond, from the command line and the configuration file.
struct ServerOptions {
  ListenAddress listen;
  std::string data_directory;
  std::string backup_directory;                      ///< empty: backups are off
  unsigned threads = 1;                              ///< HTTP workers
  std::vector<connect::AllowedOrigin> cors_origins;  ///< empty: no pages of other origins may call
  HttpOptions http;
  std::string log_level;  ///< one that spdlog knows
};

/// Options that are kept as text until the whole command line has been read.
struct ServerOptionTexts {
  std::string listen = "127.0.0.1:8080";
  std::vector<std::string> cors_origins;
};

/// Declares the options of coupond, which are read into `options` (its values are the defaults) and
/// `texts`. Both must outlive `app`.
void AddServerOptions(CLI::App& app, ServerOptions& options, ServerOptionTexts& texts);

/// Reads the flags of coupond. The error is the exit status, after help or a usage error has been
/// printed.
[[nodiscard]] std::expected<ServerOptions, int> ParseServerOptions(int argc,
                                                                   const char* const* argv);

}  // namespace coupond

#endif  // COUPOND_COUPOND_SERVER_OPTIONS_H_
