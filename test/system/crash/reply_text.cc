#include "system/crash/reply_text.h"

#include <cstdint>
#include <sstream>
#include <variant>

namespace coupond::test {

std::string FormatReply(const TicketedReply& ticketed) {
  const Reply& reply = ticketed.reply;
  std::ostringstream line;
  line << "said " << ticketed.ticket << ' ' << reply.sequence.value() << ' '
       << reply.time.unix_nanoseconds() << ' ' << reply.outcome.index();
  if (const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome)) {
    line << ' ' << granted->campaign.value() << ' ' << granted->serial.value() << ' '
         << granted->issued_at.unix_nanoseconds() << ' ' << granted->expire_time.unix_nanoseconds()
         << ' ' << static_cast<unsigned>(granted->state) << ' ' << granted->already_issued << ' '
         << granted->limit_reached;
  } else if (const auto* done = std::get_if<Done>(&reply.outcome)) {
    line << ' ' << done->start_time.unix_nanoseconds() << ' ' << done->changed << ' '
         << done->repeated;
  } else if (const auto* refusal = std::get_if<Refusal>(&reply.outcome)) {
    line << ' ' << static_cast<unsigned>(refusal->reason) << ' ' << refusal->at.unix_nanoseconds()
         << ' ' << refusal->coupons << ' ' << refusal->present.value();
  }
  return line.str();
}

std::optional<TicketedReply> ParseReply(std::string_view text) {
  std::istringstream line{std::string(text)};
  std::string word;
  TicketedReply ticketed;
  std::uint64_t sequence = 0;
  std::int64_t time = 0;
  std::size_t outcome = 0;
  if (!(line >> word >> ticketed.ticket >> sequence >> time >> outcome) || word != "said") {
    return std::nullopt;
  }
  ticketed.reply.sequence = Sequence(sequence);
  ticketed.reply.time = Timestamp::FromUnixNanoseconds(time);
  switch (outcome) {
    case 0: {
      std::int64_t start_time = 0;
      bool changed = false;
      bool repeated = false;
      if (!(line >> start_time >> changed >> repeated)) return std::nullopt;
      ticketed.reply.outcome = Done{.start_time = Timestamp::FromUnixNanoseconds(start_time),
                                    .changed = changed,
                                    .repeated = repeated};
      return ticketed;
    }
    case 1: {
      std::uint64_t campaign = 0;
      std::uint64_t serial = 0;
      std::int64_t issued_at = 0;
      std::int64_t expire_time = 0;
      unsigned state = 0;
      bool already_issued = false;
      bool limit_reached = false;
      if (!(line >> campaign >> serial >> issued_at >> expire_time >> state >> already_issued >>
            limit_reached)) {
        return std::nullopt;
      }
      ticketed.reply.outcome =
          GrantedCoupon{.campaign = CampaignNumber(campaign),
                        .serial = Serial(serial),
                        .issued_at = Timestamp::FromUnixNanoseconds(issued_at),
                        .expire_time = Timestamp::FromUnixNanoseconds(expire_time),
                        .state = static_cast<CouponState>(state),
                        .already_issued = already_issued,
                        .limit_reached = limit_reached};
      return ticketed;
    }
    case 2: {
      unsigned reason = 0;
      std::int64_t at = 0;
      std::int64_t coupons = 0;
      std::uint64_t present = 0;
      if (!(line >> reason >> at >> coupons >> present)) return std::nullopt;
      ticketed.reply.outcome = Refusal{.reason = static_cast<RefusalReason>(reason),
                                       .at = Timestamp::FromUnixNanoseconds(at),
                                       .coupons = coupons,
                                       .present = Sequence(present)};
      return ticketed;
    }
    default:
      ticketed.reply.outcome = Unavailable{};
      return ticketed;
  }
}

}  // namespace coupond::test
