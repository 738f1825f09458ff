#pragma once

#include "redis/master_words.hpp"
#include "redis/nodes.hpp"

#include <map>

namespace authkit::redis {

/// The master that Redis Sentinel names. The sentinels are asked at the start, every second, and a few times a second when an answer or a lost
/// connection puts the master in doubt; all at once, until a majority has answered (`MasterWords`), and the server must say itself that it is a
/// master (Sentinel's guidelines for clients). While none does, calls wait for as long as their deadline lets them.
class Sentinels : public Nodes {
 public:
  Sentinels(IoThread& thread, const Target& target, const LinkOptions& options);

  void start() override;
  void close() override;
  Node* owner(std::optional<unsigned> slot) override;
  Reason no_owner() const override { return missing_; }
  Node* redirected(const Answer&, const Node&) override { return nullptr; }
  void doubt(Reason reason, Node* from) override;
  bool is_up() const override;

 private:
  class Question;
  void beat();
  void refresh();
  void ask_master(Node& sentinel);
  void named(const Answer& answer, std::uint64_t epoch);
  void decide();
  void nobody();
  void introduced(const Answer& answer, Node* node, std::uint64_t epoch);
  Node* node_at(const Endpoint& endpoint);
  void retire_all_but(const Node* master);
  template <class Take>
  void ask(Node& node, std::initializer_list<std::string_view> command, Take take);

  IoThread& thread_;
  const Target& target_;
  const LinkOptions& options_;
  Target sentinel_target_;  ///< how to get into a sentinel
  std::vector<std::unique_ptr<Node>> sentinels_;
  std::atomic<Node*> master_{nullptr};
  std::atomic<Reason> missing_{Reason::no_sentinel};  ///< why there is no master
  std::atomic<bool> wanted_{true};

  std::map<Endpoint, std::unique_ptr<Node>> nodes_;  ///< this and the rest: the I/O thread only
  std::vector<std::unique_ptr<Node>> retired_;       ///< closed; calls may still point there
  bool closed_ = false, reported_ = false;
  std::optional<MasterWords> words_;   ///< of the round that is going on
  std::uint64_t round_ = 0;            ///< an answer of an earlier one is nothing to this one
  bool introducing_ = false;           ///< a server was asked what it is
  std::uint64_t epoch_ = 0;            ///< of the master that is followed
  Reason told_ = Reason::no_sentinel;  ///< how far the sentinels asked so far have led
  Deadline next_refresh_{}, due_{};
};

}  // namespace authkit::redis
