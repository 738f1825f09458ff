#pragma once

#include "redis/node.hpp"

#include <optional>

namespace authkit::redis {

/// The servers behind a client, and which one a call goes to.
///
/// Thread safety: any thread. Ownership: nodes live as long as this; destroy it when the I/O thread has stopped.
class Nodes {
 public:
  virtual ~Nodes() = default;
  virtual void start() = 0;
  /// The I/O thread.
  virtual void close() = 0;

  /// Who serves `slot` (nothing: any will do); null when it is not known yet.
  virtual Node* owner(std::optional<unsigned> slot) = 0;
  /// Why owner() is null.
  virtual Reason no_owner() const { return Reason::cluster_down; }
  /// Where an answer sends its call on to; null when it does not.
  virtual Node* redirected(const Answer& answer, const Node& from) = 0;
  /// A call ended so: what is known of the servers may be out of date.
  virtual void doubt(Reason reason, Node* from) = 0;
  virtual bool is_up() const = 0;
};

/// One server.
class SingleNode : public Nodes {
 public:
  SingleNode(IoThread& thread, const Target& target, const LinkOptions& options);

  void start() override { node_.start(); }
  void close() override { node_.close(Reason::closed); }
  Node* owner(std::optional<unsigned>) override { return &node_; }
  Node* redirected(const Answer&, const Node&) override { return nullptr; }
  void doubt(Reason reason, Node* from) override;
  bool is_up() const override { return node_.is_up(); }

 private:
  Node node_;
};

}  // namespace authkit::redis
