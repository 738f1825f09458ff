-- Ends wrk's report with "p99 MS p95 MS".
function done(summary, latency, requests)
  print("p99 " .. latency:percentile(99) / 1000 .. " p95 " .. latency:percentile(95) / 1000)
end
