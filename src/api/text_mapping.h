#ifndef COUPOND_API_TEXT_MAPPING_H_
#define COUPOND_API_TEXT_MAPPING_H_

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/connect/error.h"

/// Normalisation of the names and ids in requests (base/normal_text.h). This is the only place
/// where texts are normalised: the rules, the log and the audit compare bytes.
namespace coupond::service {

/// A field that holds a name or an id.
struct TextField {
  std::string_view name;
  std::string_view limit;  ///< for messages: "128", "200 characters"
  /// The maximum size of the text as it was sent, without blanks at its ends. Longer texts are
  /// refused before they are normalised.
  std::size_t sent_bytes_max = 0;
  /// The maximum size of a text in a store written before texts were normalised.
  std::size_t stored_bytes_max = 0;
};

/// A text in normal form and as it was sent. Refers to the request it came from, and allocates
/// nothing if the two are the same.
class MappedText {
 public:
  MappedText(const std::string& sent, std::optional<std::string> changed,
             std::size_t stored_bytes_max);

  [[nodiscard]] const std::string& normal() const { return changed_ ? *changed_ : *sent_; }
  /// Returns the text as it was sent if it differs from the normal form and an old store may
  /// contain it; otherwise null.
  [[nodiscard]] const std::string* as_sent() const { return as_sent_; }

 private:
  const std::string* sent_;
  std::optional<std::string> changed_;
  const std::string* as_sent_ = nullptr;
};

/// Returns the error for a text that is too long, with its size in bytes.
[[nodiscard]] connect::Error TooLong(const TextField& field, std::size_t bytes);

/// Reports whether a text is too long for its normal form to fit the field.
[[nodiscard]] bool IsTooLong(const TextField& field, const std::string& sent);

/// Returns the text in normal form, which is empty if the text is empty or has only blanks. The
/// error is invalid_argument and names the field and either the refused character or the length.
[[nodiscard]] std::expected<MappedText, connect::Error> MapText(const TextField& field,
                                                                const std::string& sent);

/// Does the same for an optional text, which must not be blank if it is present: a text of only
/// blanks is an error.
[[nodiscard]] std::expected<MappedText, connect::Error> MapOptionalText(const TextField& field,
                                                                        const std::string& sent);

}  // namespace coupond::service

#endif  // COUPOND_API_TEXT_MAPPING_H_
