#include "authkit/database.hpp"

#include "core/json.hpp"

#include <fmt/format.h>

namespace authkit {

std::string_view to_text(NodeRole role) noexcept {
  constexpr std::string_view names[] = {"unknown", "primary", "replica"};
  return names[static_cast<std::size_t>(role)];
}

std::string_view to_text(NodeHealth health) noexcept {
  constexpr std::string_view names[] = {"unknown", "up", "suspect", "down", "quarantined"};
  return names[static_cast<std::size_t>(health)];
}

std::string to_json(const DatabaseStatus& status) {
  std::string nodes;
  for (const NodeStatus& node : status.nodes) {
    if (!nodes.empty()) nodes.push_back(',');
    nodes.append(R"({"url":)");
    json::quote_to(nodes, node.url);
    fmt::format_to(std::back_inserter(nodes),
                   R"(,"role":"{}","health":"{}","timeline":{},"lsn":{},"lag_ms":{},"weight":{},"in_flight":{},"calls":{},"trouble":)",
                   to_text(node.role), to_text(node.health), node.position.timeline, node.position.lsn,
                   node.lag ? fmt::format("{}", node.lag->count()) : "null", node.weight, node.in_flight, node.calls);
    json::quote_to(nodes, node.trouble);
    nodes.push_back('}');
  }
  return fmt::format(R"({{"nodes":[{}],"replica_reads":{},"guest_reads":{},"waits":{},"retries":{}}})", nodes, status.replica_reads,
                     status.guest_reads, status.waits, status.retries);
}

}  // namespace authkit
