#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_CODE_CHECK_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_CODE_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "coupon_audit/bounded_queue.h"
#include "coupon_audit/model/finding.h"
#include "engine/rules/ids.h"

namespace coupond::audit {

/// Coupons with consecutive serials and sequences, of one campaign and one group.
struct SerialRun {
  Serial first;
  std::uint64_t count = 0;
  GroupNumber group;
  Sequence first_sequence;
  CampaignNumber campaign;
};

/// The making and reading of codes, which is what is checked. Called on several threads at once.
struct CodeFunctions {
  /// Appends the code to the text.
  std::function<void(std::string&, Serial)> encode_to;
  /// Returns nullopt if the text is not a code.
  std::function<std::optional<Serial>(std::string_view)> decode;
};

/// Returns those of the server (engine/codes/coupon_code.h).
[[nodiscard]] CodeFunctions CodeFunctionsOf(const CodeKey& code_key);

/// Makes the code of every issued coupon and reads it back, on threads of its own.
///
/// Proves without a table of all codes that no two coupons have the same one: if each code reads
/// back as its serial, two coupons with one code would have one serial, and the model checks that
/// no serial is issued twice.
///
/// Call Add and Finish on one thread.
class CodeCheck {
 public:
  CodeCheck(const CodeKey& code_key, std::size_t threads)
      : CodeCheck(CodeFunctionsOf(code_key), threads) {}
  CodeCheck(CodeFunctions codes, std::size_t threads);
  /// Ends without checking what is still queued, if Finish was not called.
  ~CodeCheck();
  CodeCheck(const CodeCheck&) = delete;
  CodeCheck& operator=(const CodeCheck&) = delete;

  /// Adds coupons. May wait until earlier ones have been checked.
  void Add(const SerialRun& run);
  /// Waits for all coupons. Returns how many codes were right, or the first in the log that was
  /// not. Call it once.
  [[nodiscard]] Audited<std::uint64_t> Finish();

 private:
  using Batch = std::vector<SerialRun>;

  void Work();
  /// Notes the first wrong code, and returns how many were right before it.
  [[nodiscard]] std::uint64_t Check(const SerialRun& run, std::string& code);
  void Note(const SerialRun& run, std::uint64_t offset, const std::string& code);

  const CodeFunctions codes_;
  Batch batch_;  // not queued yet
  std::uint64_t batch_coupons_ = 0;
  BoundedQueue<Batch> queue_;
  std::mutex mutex_;
  std::uint64_t checked_ = 0;       // guarded by mutex_
  std::optional<Violation> wrong_;  // guarded by mutex_

  std::vector<std::jthread> threads_;  // last: they use all the others until they are joined
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_CODE_CHECK_H_
