#include "redis/nodes.hpp"

namespace authkit::redis {

SingleNode::SingleNode(IoThread& thread, const Target& target, const LinkOptions& options)
    : node_(thread, target.endpoints.front(), target, options, {}) {}

/// A master that was demoted keeps its connections; its name may lead to the new one.
void SingleNode::doubt(Reason reason, Node* from) {
  if (reason == Reason::read_only && from != nullptr) from->reconnect();
}

}  // namespace authkit::redis
