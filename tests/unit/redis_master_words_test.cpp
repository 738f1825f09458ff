#include "redis/master_words.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace authkit::redis;

namespace {

const Endpoint before{"10.0.0.1", "6379", ""}, after{"10.0.0.2", "6379", ""};

/// A round in text: the answer to each word as it comes. "b0" names the old master at epoch 0, "a1" the new one at 1, "-" is silence, "!" means that
/// the one found is no master. '?' waiting, 'b' and 'a' found, '.' none.
std::string round(std::size_t sentinels, std::uint64_t followed, std::initializer_list<std::string_view> words) {
  MasterWords round(sentinels, followed);
  std::string answers;
  for (const std::string_view word : words) {
    if (word == "-") {
      round.nothing();
    } else if (word == "!") {
      round.refuted(round.best().value().master);
    } else {
      round.named(word[0] == 'b' ? before : after, static_cast<std::uint64_t>(word[1] - '0'));
    }
    const auto state = round.state();
    answers += state == MasterWords::State::waiting ? '?' : state == MasterWords::State::none ? '.' : round.best()->master == before ? 'b' : 'a';
  }
  return answers;
}

}  // namespace

TEST_CASE("a majority of the sentinels is heard, and the greatest epoch counts") {
  CHECK(round(3, 0, {"b0", "b0"}) == "?b");
  CHECK(round(3, 0, {"b0", "a1"}) == "?a");
  CHECK(round(3, 1, {"a1", "b0"}) == "?a");
  CHECK(round(5, 0, {"b0", "b0", "a1"}) == "??a");
  CHECK(round(1, 0, {"b0"}) == "b");
  CHECK(round(2, 0, {"b0", "b0"}) == "?b");
}

TEST_CASE("where no majority answers, what is there is taken, if it is not older than what is followed") {
  CHECK(round(3, 0, {"-", "b0", "-"}) == "??b");
  CHECK(round(3, 1, {"-", "a1", "-"}) == "??a");
  CHECK(round(3, 1, {"-", "b0", "-"}) == "??.");
  CHECK(round(3, 0, {"-", "-", "-"}) == "??.");
}

TEST_CASE("no way back to a smaller epoch unless every sentinel says so") {
  CHECK(round(3, 1, {"b0", "b0", "a1"}) == "??a");
  CHECK(round(3, 1, {"b0", "b0", "-"}) == "??.");
  CHECK(round(3, 1, {"b0", "b0", "b0"}) == "??b");
  CHECK(round(1, 7, {"b0"}) == "b");
}

TEST_CASE("a server that is no master leaves the round to later words, but not to smaller epochs") {
  CHECK(round(3, 0, {"b0", "b0", "!", "a1"}) == "?b?a");
  CHECK(round(3, 0, {"b0", "a1", "!", "b0"}) == "?a?.");
  CHECK(round(3, 0, {"b0", "b0", "!", "-"}) == "?b?.");
}

TEST_CASE("among words of one epoch the server that most name comes first") {  // sentinels that may not tell the epoch
  CHECK(round(3, 0, {"-", "b0", "a0"}) == "??b");
  CHECK(round(3, 0, {"b0", "a0", "!", "a0"}) == "?baa");
  CHECK(round(5, 0, {"-", "b0", "a0", "a0"}) == "???a");
}
