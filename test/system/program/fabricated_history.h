#ifndef COUPOND_TEST_SYSTEM_PROGRAM_FABRICATED_HISTORY_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_FABRICATED_HISTORY_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "system/program/history.h"
#include "system/program/history_check.h"

namespace coupond::test {

inline constexpr const char* kSpring = "11111111-1111-4111-8111-111111111111";
inline constexpr const char* kSummer = "22222222-2222-4222-8222-222222222222";
/// Campaigns are created from second 1'000 on, and start at this one.
inline constexpr std::int64_t kStart = 1'010;
/// When the first of them, spring, gives out its last coupon.
inline constexpr std::int64_t kSoldOutTime = 1'012;

/// Clients who ask one after another, and a server that answers as the test says.
class HistoryCheckTest : public testing::Test {
 protected:
  Operation& Add(Operation::Request request, Operation::Reply reply) {
    const auto start = Operation::Clock::time_point(std::chrono::seconds(10 * history_.size()));
    history_.push_back({.client = history_.size(),
                        .start = start,
                        .end = start + std::chrono::seconds(5),
                        .request = std::move(request),
                        .reply = std::move(reply)});
    return history_.back();
  }
  void Create(const char* id, const char* name, int total, std::int64_t at,
              std::uint64_t sequence) {
    api::CreateCampaignRequest request;
    request.set_name(name);
    request.set_total_coupons(total);
    request.mutable_start_time()->set_seconds(kStart);
    api::CreateCampaignResponse response;
    response.set_sequence(sequence);
    response.mutable_campaign()->set_id(id);
    response.mutable_campaign()->set_name(name);
    response.mutable_campaign()->set_total_coupons(total);
    *response.mutable_campaign()->mutable_start_time() = request.start_time();
    response.mutable_campaign()->mutable_created_at()->set_seconds(at);
    response.mutable_campaign()->set_revision(sequence);
    response.mutable_campaign()->set_coupons_per_user(1);
    response.mutable_campaign()->set_state(at < kStart ? api::CAMPAIGN_STATE_SCHEDULED
                                                       : api::CAMPAIGN_STATE_OPEN);
    Add(request, response);
  }
  /// Returns a refusal that is answered as an error.
  static api::RefusalDetail Detail(api::Refusal refusal, std::uint64_t sequence) {
    api::RefusalDetail detail;
    detail.set_refusal(refusal);
    detail.set_sequence(sequence);
    return detail;
  }
  void RefuseCreate(const char* name, api::Refusal refusal, std::uint64_t sequence) {
    api::CreateCampaignRequest request;
    request.set_name(name);
    request.set_total_coupons(1);
    request.mutable_start_time()->set_seconds(kStart);
    Add(request, Detail(refusal, sequence));
  }
  void Issue(const char* id, const char* user, const char* code, std::int64_t at,
             std::uint64_t sequence, bool already_issued = false) {
    api::IssueCouponResponse response;
    response.set_success(true);
    response.set_sequence(sequence);
    response.set_already_issued(already_issued);
    response.mutable_coupon()->set_code(code);
    response.mutable_coupon()->set_campaign_id(id);
    response.mutable_coupon()->set_state(api::COUPON_STATE_ISSUED);
    response.mutable_coupon()->mutable_issued_at()->set_seconds(at);
    if (*user != '\0') response.mutable_coupon()->set_user_id(user);
    Add(RequestOf(id, user), response);
  }
  void RefuseIssue(const char* id, const char* user, api::Refusal refusal, std::uint64_t sequence,
                   std::int64_t wait_ms = 0) {
    api::IssueCouponResponse response;
    response.set_refusal(refusal);
    response.set_sequence(sequence);
    if (refusal == api::REFUSAL_NOT_STARTED) {
      response.mutable_start_time()->set_seconds(kStart);
      response.set_wait_ms(wait_ms);
    }
    if (refusal == api::REFUSAL_SOLD_OUT) response.mutable_sold_out_at()->set_seconds(kSoldOutTime);
    Add(RequestOf(id, user), response);
  }
  void IssueNotFound(const char* id, const char* user, std::uint64_t sequence) {
    Add(RequestOf(id, user), Detail(api::REFUSAL_NO_SUCH_CAMPAIGN, sequence));
  }
  void Delete(const char* id, bool success, std::uint64_t sequence) {
    api::DeleteCampaignRequest request;
    request.set_campaign_id(id);
    api::DeleteCampaignResponse response;
    response.set_success(success);
    response.set_sequence(sequence);
    if (!success) response.set_refusal(api::REFUSAL_NO_SUCH_CAMPAIGN);
    Add(request, response);
  }

  /// Returns one operation of each kind, one after another, at the positions that tests name.
  void SetUp() override {
    Create(kSpring, "spring", 2, 1'000, 2);
    RefuseCreate("spring", api::REFUSAL_NAME_TAKEN, 2);
    RefuseIssue(kSpring, "", api::REFUSAL_NOT_STARTED, 2, 9'000);
    IssueNotFound(kSummer, "", 2);
    Create(kSummer, "summer", 5, 1'002, 3);
    Issue(kSpring, "minji", "code A", 1'010, 4);
    Issue(kSpring, "minji", "code A", 1'010, 4, /*already_issued=*/true);
    Issue(kSpring, "", "code B", kSoldOutTime, 5);
    RefuseIssue(kSpring, "", api::REFUSAL_SOLD_OUT, 5);
    Issue(kSpring, "minji", "code A", 1'010, 5, /*already_issued=*/true);
    Delete(kSpring, true, 6);
    Delete(kSpring, false, 6);
    IssueNotFound(kSpring, "minji", 6);
    RefuseCreate("late", api::REFUSAL_START_TIME_IN_PAST, 6);
    Issue(kSummer, "minji", "code C", 1'014, 7);
    RefuseCreate("", api::REFUSAL_NAME_EMPTY, 7);
  }
  static constexpr std::size_t kNotStarted = 2;
  static constexpr std::size_t kCreateSummer = 4;
  static constexpr std::size_t kIssueA = 5;
  static constexpr std::size_t kHeldA = 6;
  static constexpr std::size_t kIssueB = 7;
  static constexpr std::size_t kSoldOut = 8;
  static constexpr std::size_t kHeldAgain = 9;
  static constexpr std::size_t kDelete = 10;
  static constexpr std::size_t kDeleteNothing = 11;
  static constexpr std::size_t kNotFound = 12;
  static constexpr std::size_t kInPast = 13;
  static constexpr std::size_t kIssueC = 14;

  api::IssueCouponResponse& Issued(std::size_t place) {
    return std::get<api::IssueCouponResponse>(history_.at(place).reply);
  }
  api::CreateCampaignResponse& Created(std::size_t place) {
    return std::get<api::CreateCampaignResponse>(history_.at(place).reply);
  }
  api::RefusalDetail& Refused(std::size_t place) {
    return std::get<api::RefusalDetail>(history_.at(place).reply);
  }
  api::DeleteCampaignResponse& Deleted(std::size_t place) {
    return std::get<api::DeleteCampaignResponse>(history_.at(place).reply);
  }
  /// Makes all operations overlap, so that only the sequences order them.
  void MakeConcurrent() {
    for (Operation& operation : history_) operation.start = {};
  }
  void Remove(std::size_t place) {
    history_.erase(history_.begin() + static_cast<std::ptrdiff_t>(place));
  }

  void ExpectFault(HistoryFault::Kind kind, const std::string& text) {
    const auto fault = FindFault(history_, log_);
    ASSERT_TRUE(fault) << "nothing was found";
    EXPECT_STREQ(NameOf(fault->kind), NameOf(kind)) << fault->text;
    EXPECT_NE(fault->text.find(text), std::string::npos) << fault->text;
  }
  void ExpectSound() {
    const auto fault = FindFault(history_, log_);
    EXPECT_FALSE(fault) << NameOf(fault->kind) << ": " << fault->text;
  }

  History history_;
  ErasureLog log_;

 private:
  static api::IssueCouponRequest RequestOf(const char* id, const char* user) {
    api::IssueCouponRequest request;
    request.set_campaign_id(id);
    request.set_user_id(user);
    return request;
  }
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_FABRICATED_HISTORY_H_
