#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "system/program/fabricated_history.h"
#include "system/program/history_check.h"

// The judge is judged: the campaigns that come with answers. Each test goes on where the fabricated
// history ends: at event 7, the issue of code C to the first user of summer, second 1,014.
namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;

class HistoryCampaignsTest : public HistoryCheckTest {
 protected:
  /// Returns summer as it is at the end of the fabricated history.
  static api::Campaign Summer() {
    api::Campaign campaign;
    campaign.set_id(kSummer);
    campaign.set_name("summer");
    campaign.set_total_coupons(5);
    campaign.set_issued_coupons(1);
    campaign.mutable_start_time()->set_seconds(kStart);
    campaign.mutable_created_at()->set_seconds(1'002);
    campaign.set_state(api::CAMPAIGN_STATE_OPEN);
    campaign.set_revision(3);
    campaign.set_coupons_per_user(1);
    return campaign;
  }
  /// Returns what becomes of it when its total is set to 9 by event 8.
  static api::Campaign LargerSummer() {
    api::Campaign campaign = Summer();
    campaign.set_total_coupons(9);
    campaign.set_revision(8);
    return campaign;
  }

  /// Adds an answer that shows the campaign.
  template <typename Response, typename Request>
  Operation& Answer(Request request, std::uint64_t sequence, const api::Campaign& shown,
                    bool changed = true) {
    Response response;
    response.set_sequence(sequence);
    response.set_changed(changed);
    *response.mutable_campaign() = shown;
    return Add(std::move(request), std::move(response));
  }
  Operation& SetTotal(int total, std::uint64_t sequence, const api::Campaign& shown) {
    api::UpdateCampaignRequest request;
    request.mutable_campaign()->set_id(kSummer);
    request.mutable_campaign()->set_total_coupons(total);
    return Answer<api::UpdateCampaignResponse>(std::move(request), sequence, shown);
  }
  void Pause(std::uint64_t sequence, const api::Campaign& shown, bool changed = true) {
    api::PauseCampaignRequest request;
    request.set_campaign_id(kSummer);
    request.set_scope(api::PAUSE_SCOPE_ISSUING);
    Answer<api::PauseCampaignResponse>(std::move(request), sequence, shown, changed);
  }
  void Resume(std::uint64_t sequence, const api::Campaign& shown) {
    api::ResumeCampaignRequest request;
    request.set_campaign_id(kSummer);
    request.set_scope(api::PAUSE_SCOPE_ISSUING);
    Answer<api::ResumeCampaignResponse>(std::move(request), sequence, shown);
  }
  void Archive(std::uint64_t sequence, const api::Campaign& shown, bool changed = true) {
    api::ArchiveCampaignRequest request;
    request.set_campaign_id(kSummer);
    Answer<api::ArchiveCampaignResponse>(std::move(request), sequence, shown, changed);
  }
  void Unarchive(std::uint64_t sequence, const api::Campaign& shown) {
    api::UnarchiveCampaignRequest request;
    request.set_campaign_id(kSummer);
    Answer<api::UnarchiveCampaignResponse>(std::move(request), sequence, shown);
  }
  static api::Campaign Archived(std::int64_t second) {
    api::Campaign campaign = Summer();
    campaign.mutable_archived_at()->set_seconds(second);
    campaign.set_state(api::CAMPAIGN_STATE_ARCHIVED);
    return campaign;
  }
};

TEST_F(HistoryCampaignsTest, SoundAnswersHaveNoFault) {
  SetTotal(9, 8, LargerSummer());
  api::Campaign paused = LargerSummer();
  paused.set_issuing_paused(true);
  paused.set_state(api::CAMPAIGN_STATE_PAUSED);
  Pause(9, paused);
  Pause(9, paused, /*changed=*/false);
  Resume(10, LargerSummer());
  api::Campaign archived = LargerSummer();
  archived.mutable_archived_at()->set_seconds(1'020);
  archived.set_state(api::CAMPAIGN_STATE_ARCHIVED);
  Archive(11, archived);
  Archive(11, archived, /*changed=*/false);
  Unarchive(12, LargerSummer());
  ExpectSound();
}

TEST_F(HistoryCampaignsTest, EveryWrongFieldOfAnUpdateIsFound) {
  using Change = std::function<void(api::Campaign&)>;
  const std::vector<std::pair<const char*, Change>> changes = {
      {"name", [](auto& shown) { shown.set_name("spring"); }},
      {"total_coupons", [](auto& shown) { shown.set_total_coupons(5); }},
      {"start_time", [](auto& shown) { shown.mutable_start_time()->set_nanos(1); }},
      {"end_time", [](auto& shown) { shown.mutable_end_time()->set_seconds(2'000); }},
      {"description", [](auto& shown) { shown.set_description("for nobody"); }},
      {"coupons_per_user", [](auto& shown) { shown.set_coupons_per_user(2); }},
      {"user_required", [](auto& shown) { shown.set_user_required(true); }},
      {"redeem_start_time", [](auto& shown) { shown.mutable_redeem_start_time(); }},
      {"expire_time", [](auto& shown) { shown.mutable_expire_time(); }},
      {"valid_duration", [](auto& shown) { shown.mutable_valid_duration(); }},
      {"redeem_by_holder_only", [](auto& shown) { shown.set_redeem_by_holder_only(true); }},
      {"metadata", [](auto& shown) { shown.add_metadata()->set_key("key"); }},
      {"created_at", [](auto& shown) { shown.mutable_created_at()->set_seconds(1'003); }},
      {"revision", [](auto& shown) { shown.set_revision(3); }},
      {"issued_coupons", [](auto& shown) { shown.set_issued_coupons(0); }},
      {"redeemed_coupons", [](auto& shown) { shown.set_redeemed_coupons(1); }},
      {"voided_coupons", [](auto& shown) { shown.set_voided_coupons(1); }},
      {"returned_coupons", [](auto& shown) { shown.set_returned_coupons(1); }},
      {"issuing_paused", [](auto& shown) { shown.set_issuing_paused(true); }},
      {"redeeming_paused", [](auto& shown) { shown.set_redeeming_paused(true); }},
      {"sold_out_at", [](auto& shown) { shown.mutable_sold_out_at()->set_seconds(1'014); }},
      {"archived_at", [](auto& shown) { shown.mutable_archived_at()->set_seconds(1'014); }},
      {"state", [](auto& shown) { shown.set_state(api::CAMPAIGN_STATE_SCHEDULED); }},
  };
  const History sound = history_;
  for (const auto& [field, change] : changes) {
    SCOPED_TRACE(field);
    history_ = sound;
    api::Campaign shown = LargerSummer();
    change(shown);
    SetTotal(9, 8, shown);
    ExpectFault(Kind::kWrongDetail, std::string("at first it had another ") + field);
  }
}

TEST_F(HistoryCampaignsTest, AWrongFieldOfACreationIsFound) {
  const History sound = history_;
  const auto expect_after = [&](const auto& change, const std::string& text) {
    history_ = sound;
    change(*Created(kCreateSummer).mutable_campaign());
    ExpectFault(Kind::kWrongDetail, text);
  };
  expect_after([](api::Campaign& shown) { shown.set_revision(2); }, "revision");
  expect_after([](api::Campaign& shown) { shown.set_coupons_per_user(3); }, "coupons_per_user");
  expect_after([](api::Campaign& shown) { shown.set_issuing_paused(true); }, "issuing_paused");
  expect_after([](api::Campaign& shown) { shown.set_state(api::CAMPAIGN_STATE_OPEN); }, "state");
}

TEST_F(HistoryCampaignsTest, AnAnswerMayShowWhatHappenedBeforeItCame) {
  api::Campaign shown = LargerSummer();
  shown.set_issued_coupons(2);
  SetTotal(9, 8, shown);
  Issue(kSummer, "", "code D", 1'015, 9);
  ExpectFault(Kind::kWrongDetail, "issued_coupons");
  history_[history_.size() - 2].end = history_.back().end;
  ExpectSound();
}

TEST_F(HistoryCampaignsTest, AnAnswerThatShowsWhatWasBeforeIsFound) {
  SetTotal(9, 8, LargerSummer());
  api::Campaign shown = Summer();
  shown.set_issuing_paused(true);
  shown.set_state(api::CAMPAIGN_STATE_PAUSED);
  Pause(9, shown);
  ExpectFault(Kind::kWrongDetail, "total_coupons");
}

TEST_F(HistoryCampaignsTest, ARepeatedAnswerThatShowsThePastIsFound) {
  SetTotal(9, 8, LargerSummer());
  std::get<api::UpdateCampaignRequest>(history_.back().request).set_request_id("update 1");
  const Operation first = history_.back();
  Issue(kSummer, "", "code D", 1'015, 9);
  Add(first.request, first.reply);
  ExpectFault(Kind::kWrongDetail, "issued_coupons");
  std::get<api::UpdateCampaignResponse>(history_.back().reply)
      .mutable_campaign()
      ->set_issued_coupons(2);
  ExpectSound();
}

TEST_F(HistoryCampaignsTest, ATimeBeforeAnEarlierEventIsFound) {
  Archive(8, Archived(1'013));
  ExpectFault(Kind::kWrongDetail, "archived_at");
}

TEST_F(HistoryCampaignsTest, TwoTimesOfOneEventAreFound) {
  Archive(8, Archived(1'020));
  Archive(8, Archived(1'021), /*changed=*/false);
  ExpectFault(Kind::kWrongDetail, "archived_at");
}

TEST_F(HistoryCampaignsTest, ATimeThatMayBeOfEitherOfTwoEventsIsSound) {
  // The answer about the first archiving came last, and shows the second one.
  Archive(8, Archived(1'021));
  Archive(8, Archived(1'020), /*changed=*/false);
  Unarchive(9, Summer());
  Archive(10, Archived(1'021));
  history_[history_.size() - 4].end = history_.back().end;
  ExpectSound();
  Archive(10, Archived(1'022), /*changed=*/false);
  ExpectFault(Kind::kWrongDetail, "archived_at");
}

TEST_F(HistoryCampaignsTest, AWrongTimeOfTheLastCouponIsFound) {
  api::Campaign shown = LargerSummer();
  shown.set_total_coupons(2);
  SetTotal(2, 8, shown);
  Issue(kSummer, "", "code D", 1'015, 9);
  shown.set_issued_coupons(2);
  shown.mutable_sold_out_at()->set_seconds(1'015);
  shown.set_issuing_paused(true);
  shown.set_state(api::CAMPAIGN_STATE_SOLD_OUT);
  Pause(10, shown);
  ExpectSound();
  std::get<api::PauseCampaignResponse>(history_.back().reply)
      .mutable_campaign()
      ->mutable_sold_out_at()
      ->set_nanos(1);
  ExpectFault(Kind::kWrongDetail, "sold_out_at");
}

TEST_F(HistoryCampaignsTest, ADeletionThatIsRefusedTooIsFound) {
  Deleted(kDelete).set_refusal(api::REFUSAL_NO_SUCH_CAMPAIGN);
  ExpectFault(Kind::kWrongDetail, "deleted, and refused");
}

}  // namespace
}  // namespace coupond::test
