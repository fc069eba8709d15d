#include "rpc/client/foreign_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <cctype>
#include <string>

#include "base/display_text.h"

namespace coupond::ctl {
namespace {

using boost::beast::iequals;

constexpr std::size_t kShownColumnsMax = 100;
/// The number of bytes at the start of a page that are examined.
constexpr std::size_t kLookedAtBytesMax = 4096;

std::string_view CodeOfStatus(int status) {
  switch (status) {
    case 400:
      return "internal";
    case 401:
      return "unauthenticated";
    case 403:
      return "permission_denied";
    case 404:
      return "unimplemented";
    case 429:
    case 502:
    case 503:
    case 504:
      return "unavailable";
    default:
      return "unknown";
  }
}

bool IsRedirect(int status) { return status >= 300 && status < 400; }

/// Reports whether the request may have reached coupond despite this status. A server that
/// redirects or refuses a request has not passed it on; 499 is used for requests that were passed
/// on.
bool LeavesOpen(int status) { return status < 300 || status >= 499; }

/// Returns the position of the first occurrence of `word` (in lower case), ignoring case, or the
/// size of the text if it is not found.
std::size_t FindIgnoringCase(std::string_view text, std::string_view word) {
  const auto found = std::ranges::search(
      text, word, {}, [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return static_cast<std::size_t>(found.begin() - text.begin());
}

/// Returns the text between <title> and </title>; empty if there is no title.
std::string_view TitleOf(std::string_view page) {
  page.remove_prefix(FindIgnoringCase(page, "<title"));
  page.remove_prefix(std::min(page.find('>'), page.size()));
  page = page.substr(0, FindIgnoringCase(page, "</title"));
  return page.empty() ? page : page.substr(1);
}

std::string WithoutTags(std::string_view page) {
  std::string text;
  bool in_tag = false;
  for (const char c : page) {
    if (c == '<') {
      in_tag = true;
      text += ' ';
    } else if (c == '>' && in_tag) {
      in_tag = false;
    } else if (!in_tag) {
      text += c;
    }
  }
  return text;
}

/// Returns the text on one line, shortened, and without anything that could control a terminal.
std::string Cleaned(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kLookedAtBytesMax)) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return Shortened(Printable(line), kShownColumnsMax);
}

bool IsText(const HttpAnswer& answer) {
  return answer.content_type.empty() || iequals(answer.content_type.substr(0, 5), "text/") ||
         IsMediaType(answer, "application/json") || IsMediaType(answer, "application/problem+json");
}

/// Returns the first words of the body if it is readable text; otherwise an empty string.
std::string WordsOf(const HttpAnswer& answer) {
  if (!IsText(answer) || IsCompressed(answer)) return {};
  const std::string_view body = std::string_view(answer.body).substr(0, kLookedAtBytesMax);
  if (!IsMediaType(answer, "text/html")) return Cleaned(body);
  const std::string title = Cleaned(TitleOf(body));
  return title.empty() ? Cleaned(WithoutTags(body)) : title;
}

}  // namespace

bool IsMediaType(const HttpAnswer& answer, std::string_view type) {
  std::string_view given = std::string_view(answer.content_type);
  given = given.substr(0, given.find(';'));
  while (given.ends_with(' ') || given.ends_with('\t')) given.remove_suffix(1);
  return iequals(given, type);
}

bool IsCompressed(const HttpAnswer& answer) {
  return !answer.content_encoding.empty() && !iequals(answer.content_encoding, "identity");
}

CallError ForeignAnswer(const HttpAnswer& answer) {
  std::string message =
      fmt::format("something that is not coupond answered: HTTP status {}", answer.status);
  if (IsRedirect(answer.status) && !answer.location.empty()) {
    message += fmt::format(" to {}, which is not followed", Cleaned(answer.location));
  }
  message += answer.content_type.empty() ? ", no content type"
                                         : fmt::format(", {}", Cleaned(answer.content_type));
  if (IsCompressed(answer)) {
    message +=
        fmt::format(", compressed with {} without being asked", Cleaned(answer.content_encoding));
  }
  if (!answer.server.empty()) message += fmt::format(", from {}", Cleaned(answer.server));
  if (const std::string words = WordsOf(answer); !words.empty()) {
    message += fmt::format(", \"{}\"", words);
  }
  message += answer.status >= 500 ? "; check --server, and whether what answered reaches coupond"
                                  : "; check --server";
  return {.code = std::string(CodeOfStatus(answer.status)),
          .message = std::move(message),
          .may_be_done = LeavesOpen(answer.status),
          .foreign = true};
}

}  // namespace coupond::ctl
