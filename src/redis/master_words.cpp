#include "redis/master_words.hpp"

#include <algorithm>

namespace authkit::redis {

void MasterWords::named(const Endpoint& master, std::uint64_t epoch) {
  --silent_;
  words_.push_back({master, epoch});
}

void MasterWords::refuted(const Endpoint& master) {
  for (Word& word : words_) word.refuted = word.refuted || word.master == master;
}

std::optional<MasterWords::Word> MasterWords::best() const {
  std::uint64_t epoch = 0;
  for (const Word& word : words_) epoch = std::max(epoch, word.epoch);
  std::optional<Word> best;
  std::ptrdiff_t most = 0;
  for (const Word& word : words_) {
    if (word.epoch != epoch || word.refuted) continue;
    const auto names =
        std::count_if(words_.begin(), words_.end(), [&](const Word& other) { return other.epoch == epoch && other.master == word.master; });
    if (names <= most) continue;
    most = names;
    best = word;
  }
  return best;
}

MasterWords::State MasterWords::state() const {
  const bool all_answered = silent_ == 0, majority = words_.size() > sentinels_ / 2;
  const auto word = best();
  // Back to a smaller epoch only where every sentinel says so: they were set up anew. Fewer may all have missed the failover.
  const bool back = word && word->epoch < followed_;
  if (word && (back ? words_.size() == sentinels_ : majority || all_answered)) return State::found;
  return all_answered ? State::none : State::waiting;
}

}  // namespace authkit::redis
