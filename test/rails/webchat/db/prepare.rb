# `ruby db/prepare.rb`: the tables, and visitors s1 to s9.

require_relative "../config/application"
Webchat.initialize!
ActiveRecord::Schema.verbose = false
require_relative "schema"
Visitor.insert_all!((1..9).map { |n| { token: "s#{n}" } })
