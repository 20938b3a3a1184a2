# `low_latency`: without it the second small frame waits 40 ms for an acknowledgement (Nagle's algorithm).
bind "tcp://127.0.0.1:#{ENV.fetch("PORT")}?low_latency=true"
threads 8, 8
environment "production"
