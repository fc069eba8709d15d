#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_PREPARED_CALL_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_PREPARED_CALL_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coupond::ctl {

/// The bytes of a call, head and body, in which a few texts differ from request to request but not
/// in length. Encoded once, so that a request costs no more than copying bytes.
class PreparedCall {
 public:
  /// Encodes the call with these texts. It must put each of them into the bytes as it is.
  using Encode = std::function<std::string(std::span<const std::string> texts)>;

  /// `sizes` are the lengths of the texts in bytes; a text may be empty.
  PreparedCall(std::initializer_list<std::size_t> sizes, const Encode& encode);

  /// Writes the call with these texts, which must have those lengths, to `bytes`.
  void Write(std::initializer_list<std::string_view> texts, std::string& bytes) const;

 private:
  struct Place {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  std::string bytes_;
  std::vector<Place> places_;  ///< of the texts
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_PREPARED_CALL_H_
