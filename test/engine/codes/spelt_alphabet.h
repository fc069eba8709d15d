#ifndef COUPOND_TEST_ENGINE_CODES_SPELT_ALPHABET_H_
#define COUPOND_TEST_ENGINE_CODES_SPELT_ALPHABET_H_

#include <string_view>

namespace coupond {

/// The alphabet of the codes, spelt out in the order of its symbols, so that the tests do not take
/// it from the code under test.
inline constexpr std::u32string_view kSpeltAlphabet =
    U"가갸거겨고교구규그기나냐너녀노뇨누뉴느니다댜더뎌도됴두듀드디라랴러려로료루류르리"
    U"마먀머며모묘무뮤므미바뱌버벼보뵤부뷰브비사샤서셔소쇼수슈스시아야어여오요우유으이"
    U"자쟈저져조죠주쥬즈지차챠처쳐초쵸추츄츠치카캬커켜코쿄쿠큐크키타탸터텨토툐투튜트티"
    U"파퍄퍼펴포표푸퓨프피하햐허혀호효후휴흐히0123456789";
static_assert(kSpeltAlphabet.size() == 150);

}  // namespace coupond

#endif  // COUPOND_TEST_ENGINE_CODES_SPELT_ALPHABET_H_
