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

#include "common/bounded_queue.h"
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

/// How codes are made and read, which is what is being checked. Called on several threads at once.
struct CodeFunctions {
  /// Writes the code after what the text already holds.
  std::function<void(std::string&, Serial)> encode_to;
  /// Nothing: it is no code.
  std::function<std::optional<Serial>(std::string_view)> decode;
};

/// Those of the server (engine/codes/coupon_code.h).
[[nodiscard]] CodeFunctions CodeFunctionsOf(const CodeKey& code_key);

/// Reads the code of every issued coupon back, on threads of its own.
///
/// That no two coupons have the same code takes no table of all codes: if reading back gives each
/// code's serial, then two coupons with one code would have one serial, and that no serial is
/// issued twice is what the model sees to.
///
/// Add and Finish are for one thread.
class CodeCheck {
 public:
  CodeCheck(const CodeKey& code_key, std::size_t threads)
      : CodeCheck(CodeFunctionsOf(code_key), threads) {}
  CodeCheck(CodeFunctions codes, std::size_t threads);
  /// Ends without checking what is still waiting, if Finish was not called.
  ~CodeCheck();
  CodeCheck(const CodeCheck&) = delete;
  CodeCheck& operator=(const CodeCheck&) = delete;

  /// May wait until earlier ones have been checked.
  void Add(const SerialRun& run);
  /// Waits for all; how many codes were right, or the first in the log that was not. Once.
  [[nodiscard]] Audited<std::uint64_t> Finish();

 private:
  using Batch = std::vector<SerialRun>;

  void Work();
  /// Notes the first wrong code; the number of those checked.
  [[nodiscard]] std::uint64_t Check(const SerialRun& run, std::string& code);
  void Note(const SerialRun& run, std::uint64_t offset, const std::string& code);

  const CodeFunctions codes_;
  Batch batch_;  // not handed on yet
  std::uint64_t batch_coupons_ = 0;
  tools::BoundedQueue<Batch> queue_;
  std::mutex mutex_;
  std::uint64_t checked_ = 0;       // guarded by mutex_
  std::optional<Violation> wrong_;  // guarded by mutex_

  std::vector<std::jthread> threads_;  // last: they use all the others until they are joined
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_CODE_CHECK_H_
