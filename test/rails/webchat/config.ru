# A web chat on Rails, as small as it can be: the server side of every promise that Trunkline makes. `docs/rails.md` walks
# through it. The tests run two of these behind nginx; `faults.rb` is theirs and not to be copied.

require_relative "config/application"
Webchat.initialize!
run Webchat
