#include "coupon_audit/model/code_check.h"

#include <fmt/format.h>

#include <memory>
#include <system_error>
#include <utility>

#include "engine/codes/coupon_code.h"

namespace coupond::audit {
namespace {

/// A few milliseconds of work.
constexpr std::uint64_t kCouponsPerBatch = 8'192;
constexpr std::size_t kBatchesWaitingMax = 16;

}  // namespace

CodeFunctions CodeFunctionsOf(const CodeKey& code_key) {
  const auto codec = std::make_shared<const CouponCodec>(code_key);
  return {.encode_to = [codec](std::string& text, Serial serial) { codec->EncodeTo(text, serial); },
          .decode = [codec](std::string_view text) { return codec->Decode(text); }};
}

CodeCheck::CodeCheck(CodeFunctions codes, std::size_t threads)
    : codes_(std::move(codes)), queue_(kBatchesWaitingMax) {
  threads_.reserve(threads);
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { Work(); });
  } catch (const std::system_error&) {
    // Fewer threads will do, but there must be one.
    if (threads_.empty()) throw;
  }
}

CodeCheck::~CodeCheck() { queue_.Abandon(); }

void CodeCheck::Add(const SerialRun& run) {
  batch_.push_back(run);
  batch_coupons_ += run.count;
  if (batch_coupons_ < kCouponsPerBatch) return;
  queue_.Push(std::exchange(batch_, {}));
  batch_coupons_ = 0;
}

Audited<std::uint64_t> CodeCheck::Finish() {
  queue_.Push(std::exchange(batch_, {}));
  queue_.Close();
  threads_.clear();
  const std::lock_guard lock(mutex_);
  if (wrong_) return std::unexpected<Finding>(*wrong_);
  return checked_;
}

void CodeCheck::Work() {
  std::string code;
  while (const std::optional<Batch> batch = queue_.Pop()) {
    std::uint64_t checked = 0;
    for (const SerialRun& run : *batch) checked += Check(run, code);
    const std::lock_guard lock(mutex_);
    checked_ += checked;
  }
}

std::uint64_t CodeCheck::Check(const SerialRun& run, std::string& code) {
  for (std::uint64_t i = 0; i < run.count; ++i) {
    const Serial serial = run.first.Plus(i);
    code.clear();
    codes_.encode_to(code, serial);
    if (codes_.decode(code) != serial) {
      Note(run, i, code);
      return i;
    }
  }
  return run.count;
}

void CodeCheck::Note(const SerialRun& run, std::uint64_t offset, const std::string& code) {
  const Sequence sequence = run.first_sequence.Plus(offset);
  const std::lock_guard lock(mutex_);
  if (wrong_ && *wrong_->place.sequence < sequence) return;
  wrong_ = {.kind = ViolationKind::kCodeWrong,
            .place = {.group = run.group, .sequence = sequence, .campaign = run.campaign},
            .detail = fmt::format("the code {} of serial {} does not read back", code,
                                  run.first.Plus(offset).value())};
}

}  // namespace coupond::audit
