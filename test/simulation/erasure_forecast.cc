#include "simulation/erasure_forecast.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "simulation/erasure_check.h"
#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

bool IsWanted(const ErasureRequest& request, const std::string& text) {
  return std::ranges::find(request.user_ids, text) != request.user_ids.end();
}

}  // namespace

void ErasureForecast::OnAnswered(std::uint64_t id) {
  const auto is_it = [id](const Job& job) { return job.id == id; };
  std::erase_if(waiting_, is_it);
  std::erase_if(jobs_, is_it);
}

void ErasureForecast::OnCrash() {
  waiting_.clear();
  jobs_.clear();
  stage_ = Stage::kOther;
  awaits_reply_ = false;
}

std::optional<std::uint64_t> ErasureForecast::current() const {
  if (stage_ != Stage::kLogging || next_job_ >= jobs_.size()) return std::nullopt;
  return jobs_[next_job_].id;
}

std::optional<Command> ErasureForecast::Next() const {
  if (awaits_reply_) return std::nullopt;
  if (stage_ == Stage::kFinishing) {
    const LoggedErasures logged(log_.groups());
    Demand(!logged.unfinished().empty(), "only what was erased is finished",
           [] { return "nothing is to be finished"; });
    return FinishErasure{.erasure = logged.unfinished().back().sequence};
  }
  if (!current()) return std::nullopt;
  const Job& job = jobs_[next_job_];
  EraseUser command{.coupons = {}, .free_claims = job.request.free_claims};
  if (!search_again_) command.request = job.request.request;
  std::map<CampaignNumber, std::vector<Serial>> by_campaign;
  for (const CouponIssued& coupon : job.found)
    by_campaign[coupon.campaign].push_back(coupon.serial);
  for (auto& [campaign, serials] : by_campaign) {
    std::ranges::sort(serials);
    command.coupons.push_back({.campaign = campaign, .serials = std::move(serials)});
  }
  return command;
}

void ErasureForecast::OnReply(bool is_dropped) {
  awaits_reply_ = false;
  if (stage_ == Stage::kLogging) {
    if (!is_dropped) ++next_job_;
  } else {
    stage_ = Stage::kOther;
  }
}

void ErasureForecast::OnStep(const ErasureProgress& progress, bool purged) {
  if (stage_ == Stage::kSearching) {
    if (progress.groups == 0) EndSearch();
    return;
  }
  if (stage_ == Stage::kFinishing || current()) return;  // the queue is full
  stage_ = purged ? Stage::kFinishing : Stage::kOther;
  if (progress.groups > 0) BeginSearch(GroupNumber(progress.groups));
}

void ErasureForecast::BeginSearch(GroupNumber last) {
  stage_ = Stage::kSearching;
  last_group_ = last;
  const auto is_in_progress = [this](const ErasureRequest& request) {
    return std::ranges::any_of(jobs_, [&request](const Job& job) {
      return std::ranges::find_first_of(job.request.user_ids, request.user_ids) !=
             job.request.user_ids.end();
    });
  };
  for (Job& job : std::exchange(waiting_, {})) {
    auto& jobs = is_in_progress(job.request) ? waiting_ : jobs_;
    jobs.push_back(std::move(job));
  }
}

void ErasureForecast::EndSearch() {
  stage_ = Stage::kLogging;
  next_job_ = 0;
  found_ = 0;
  for (Job& job : jobs_) job.found.clear();
  GroupNumber next(1);
  while (next <= last_group_ && found_ < found_max_) {
    Find(log_.groups()[next.value() - 1]);
    next = next.Next();
  }
  search_again_ = found_ >= found_max_ && next <= last_group_;
  if (!search_again_) return;
  for (Job& job : jobs_) {
    if (job.request.request && !job.found.empty()) job.found.pop_back();
  }
}

void ErasureForecast::Find(const CommitGroup& group) {
  for (const Event& event : group.events) {
    const auto* const issued = std::get_if<CouponIssued>(&event);
    if (issued == nullptr || issued->user_id.empty() || log_.Hides(issued->serial)) continue;
    const auto job = std::ranges::find_if(
        jobs_, [issued](const Job& of) { return IsWanted(of.request, issued->user_id); });
    if (job == jobs_.end()) continue;
    job->found.push_back(*issued);
    ++found_;
  }
}

}  // namespace coupond::simulation
