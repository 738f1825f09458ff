#pragma once

#include "redis/target.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace authkit::redis {

/// What the sentinels say in one round of asking, and which server follows from it. One sentinel's word is not enough: one that was away during a
/// failover names the old master until the others told it, and the old master, back too, calls itself one. Each failover gives the master's
/// configuration a greater epoch, and a majority of the sentinels must have agreed to it; so of a majority's words the greatest epoch counts.
class MasterWords {
 public:
  /// `followed`: the epoch of the master that is followed until now, 0 for none.
  MasterWords(std::size_t sentinels, std::uint64_t followed) : sentinels_(sentinels), silent_(sentinels), followed_(followed) {}

  /// A sentinel names `master`. `epoch`: its config-epoch, 0 where the sentinel does not tell.
  void named(const Endpoint& master, std::uint64_t epoch);
  /// A sentinel that has no answer, or none in time.
  void nothing() { --silent_; }
  /// `master` does not answer, or is none by its own word.
  void refuted(const Endpoint& master);

  struct Word {
    Endpoint master;
    std::uint64_t epoch = 0;
    bool refuted = false;
  };
  enum class State {
    waiting,  ///< for more words
    found,    ///< `best` is to be asked whether it is a master
    none,     ///< this round gives no master
  };
  State state() const;
  /// The word that counts, and among those of one epoch the server that most name.
  std::optional<Word> best() const;

 private:
  std::size_t sentinels_, silent_;
  std::uint64_t followed_;
  std::vector<Word> words_;
};

}  // namespace authkit::redis
