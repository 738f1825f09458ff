#pragma once

#include "redis/nodes.hpp"
#include "redis/slots.hpp"

#include <map>

namespace authkit::redis {

/// The masters of a Redis Cluster and the table of their slots. The table is asked for at the start, every 30 s, and when an answer or a lost
/// connection puts it in doubt: once a second at most and one at a time. What it does not know is not guessed.
class Cluster : public Nodes {
 public:
  Cluster(IoThread& thread, const Target& target, const LinkOptions& options);

  void start() override;
  void close() override;
  Node* owner(std::optional<unsigned> slot) override;
  Node* redirected(const Answer& answer, const Node& from) override;
  void doubt(Reason reason, Node* from) override;
  bool is_up() const override;

 private:
  class Question;
  Node* node_at(const Endpoint& endpoint);
  std::vector<Node*> candidates() const;
  void want_refresh();
  void beat();
  void refresh();
  void ask_next();
  void retire_all_but(const std::vector<SlotRange>& ranges);
  void answered(const Answer& answer, const Endpoint& asked);

  IoThread& thread_;
  const Target& target_;
  const LinkOptions& options_;

  std::vector<std::atomic<Node*>> owners_;  ///< by slot
  mutable std::mutex mutex_;                ///< guards these two
  std::map<Endpoint, std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Node>> retired_;  ///< closed; calls may still point there

  std::atomic<bool> wanted_{true};
  bool closed_ = false, asking_ = false;  ///< this and the rest: the I/O thread only
  std::vector<Node*> to_ask_;
  Deadline next_refresh_{}, due_{};
};

}  // namespace authkit::redis
